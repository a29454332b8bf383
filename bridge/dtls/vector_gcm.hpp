// AES-128-GCM in one call, by libipsec-mb (Debian: libipsec-mb-dev; amd64 only): vector AES of the
// processor at hand, and none of the parameter handling around OpenSSL's cipher, which costs a
// packet of audio more than the cipher itself.
//
// Measured on 1,150 and 100 bytes (bench_protect): 120 and 66 ns where OpenSSL 3.0 takes 380 and
// 219. The only file that knows that library; where a build or a processor does not have it, make()
// is empty and OpenSSL does the work. Owned by a GcmSender, on its media worker; nothing allocates
// after make().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace jmeet::bridge {

class VectorGcm {
 public:
    // `key`: 16 bytes.
    static std::optional<VectorGcm> make(const std::uint8_t* key);

    // In place; the tag of 16 bytes is written to `tag`.
    void encrypt(const std::uint8_t* iv, const std::uint8_t* header, std::size_t header_size,
                 std::uint8_t* payload, std::size_t size, std::uint8_t* tag) const;

 private:
    struct Keys;  // round keys and powers of the hash key
    struct Wipe {
        void operator()(Keys* keys) const;
    };

    explicit VectorGcm(std::unique_ptr<Keys, Wipe> keys) : keys_(std::move(keys)) {}

    std::unique_ptr<Keys, Wipe> keys_;
};

}  // namespace jmeet::bridge

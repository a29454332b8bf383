#include "bridge/dtls/vector_gcm.hpp"

#ifdef JMEET_IPSEC_MB

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

namespace jmeet::bridge {
namespace {

// What the library chose for this processor; its manager, with queues for many jobs, is not kept.
struct Functions {
    aes_gcm_pre_t prepare = nullptr;
    aes_gcm_enc_dec_t encrypt = nullptr;
};

const Functions& functions() {
    static const Functions chosen = [] {
        Functions f;
        IMB_MGR* manager = alloc_mb_mgr(0);
        if (!manager) return f;
        init_mb_mgr_auto(manager, nullptr);
        const std::uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ;
        if (imb_get_errno(manager) == 0 && (manager->features & needed) == needed) {
            f = {manager->gcm128_pre, manager->gcm128_enc};
        }
        free_mb_mgr(manager);
        return f;
    }();
    return chosen;
}

}  // namespace

struct VectorGcm::Keys {
    gcm_key_data data;
};

void VectorGcm::Wipe::operator()(Keys* keys) const {
    OPENSSL_cleanse(keys, sizeof *keys);
    delete keys;
}

std::optional<VectorGcm> VectorGcm::make(const std::uint8_t* key) {
    if (!functions().encrypt) return std::nullopt;
    std::unique_ptr<Keys, Wipe> keys(new Keys);
    functions().prepare(key, &keys->data);
    return VectorGcm(std::move(keys));
}

void VectorGcm::encrypt(const std::uint8_t* iv, const std::uint8_t* header,
                        std::size_t header_size, std::uint8_t* payload, std::size_t size,
                        std::uint8_t* tag) const {
    constexpr std::uint64_t kTag = 16;
    gcm_context_data context;
    functions().encrypt(&keys_->data, &context, payload, payload, size, iv, header, header_size,
                        tag, kTag);
}

}  // namespace jmeet::bridge

#else

namespace jmeet::bridge {

struct VectorGcm::Keys {};
void VectorGcm::Wipe::operator()(Keys* keys) const { delete keys; }
std::optional<VectorGcm> VectorGcm::make(const std::uint8_t*) { return std::nullopt; }
void VectorGcm::encrypt(const std::uint8_t*, const std::uint8_t*, std::size_t, std::uint8_t*,
                        std::size_t, std::uint8_t*) const {}

}  // namespace jmeet::bridge

#endif

// Requests with deadlines and handlers by payload, on one connection (RFC 6120 8.2.3).
//
// Owned by a Client, beside its stream; control thread. An answer counts only when it comes
// from the address that was asked. Every received get or set is answered: by its handler, with
// service-unavailable where there is none, with bad-request where it has no payload.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>

#include "base/asio.hpp"
#include "base/clock.hpp"
#include "base/task_group.hpp"
#include "xmpp/stream.hpp"
#include "xmpp/stanza_error.hpp"

namespace jmeet::xmpp {

inline constexpr std::chrono::seconds kIqDeadline{15};
// LIMIT: one open request per participant of a full server, with room to spare.
inline constexpr std::size_t kMaxPendingRequests = 10'000;
// LIMIT: handlers that are coroutines and still run; more are told to wait.
inline constexpr std::size_t kMaxRunningHandlers = 2'000;

// Gets the whole <iq/> and returns the whole answer (make_result, make_error); an Element
// without a name means that no answer is to be sent.
using IqHandler = std::function<awaitable<Element>(Element iq)>;
// Answers within the call, before any later stanza is seen.
using IqSyncHandler = std::function<Element(const Element& iq)>;

enum class IqType { get, set };

class IqRouter {
 public:
    explicit IqRouter(StanzaStream& stream);

    // Sends a get or set (an id is given where it has none) and returns the payload-carrying
    // result stanza, or the peer's error, or remote-server-timeout / recipient-unavailable made
    // here. A lost connection ends the wait at once unless the stream may be resumed.
    awaitable<IqResult<Element>> request(Element iq, Duration deadline = kIqDeadline);

    // One handler per type and payload; a second one replaces the first. Kept until removed.
    void handle(IqType type, std::string name, std::string ns, IqHandler handler);
    void handle_sync(IqType type, std::string name, std::string ns, IqSyncHandler handler);
    void remove_handler(IqType type, const std::string& name, const std::string& ns);

    // Cancels what runs and waits for its end; open requests end with recipient-unavailable.
    awaitable<void> stop();

    std::size_t pending() const { return pending_.size(); }
    StanzaStream& stream() { return stream_; }

 private:
    struct Pending {
        std::string to;
        asio::steady_timer* timer;
        std::optional<IqResult<Element>>* answer;
    };
    struct Key {
        IqType type;
        std::string name;
        std::string ns;
        auto operator<=>(const Key&) const = default;
    };
    struct Handler {
        IqHandler later;
        IqSyncHandler now;
    };

    void on_stanza(const Element& stanza);
    void on_answer(const Element& iq);
    void on_request(const Element& iq);
    void on_state(const ConnectionEvent& event);
    void fail_pending(const std::string& why);
    awaitable<void> run(IqHandler handler, Element iq);
    bool is_from(const std::string& asked, const std::string& from) const;
    std::string next_id();

    StanzaStream& stream_;
    std::unordered_map<std::string, Pending> pending_;
    std::map<Key, Handler> handlers_;
    std::string id_prefix_;
    std::uint64_t next_id_ = 0;
    bool stopping_ = false;
    Subscription stanzas_;
    Subscription states_;
    TaskGroup running_;
};

}  // namespace jmeet::xmpp

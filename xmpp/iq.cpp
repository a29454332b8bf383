#include "xmpp/iq.hpp"

#include <random>

#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

StanzaError local_error(std::string condition, std::string text, ErrorOrigin origin) {
    StanzaError error = stanza_error(std::move(condition), std::move(text));
    error.origin = origin;
    return error;
}

// Ids of two runs of a program must not meet: a late answer would be taken for a new one's.
std::string random_prefix() {
    constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyz234567";
    std::random_device random;
    std::string out;
    for (int i = 0; i < 8; ++i) out += kLetters[random() % 32];
    return out + "-";
}

}  // namespace

IqRouter::IqRouter(StanzaStream& stream)
    : stream_(stream),
      id_prefix_(random_prefix()),
      stanzas_(stream.on_stanza().add([this](const Element& stanza) { on_stanza(stanza); })),
      states_(stream.on_state().add([this](const ConnectionEvent& event) { on_state(event); })),
      running_(stream.io().get_executor()) {}

std::string IqRouter::next_id() { return id_prefix_ + std::to_string(++next_id_); }

awaitable<IqResult<Element>> IqRouter::request(Element iq, Duration deadline) {
    if (stopping_ || pending_.size() >= kMaxPendingRequests) {
        co_return local_error("resource-constraint", "too many open requests",
                              ErrorOrigin::connection);
    }
    if (!iq.attribute("id")) iq.set("id", next_id());
    const std::string id = iq.get("id");
    if (pending_.contains(id)) {
        co_return local_error("conflict", "a request with this id is open", ErrorOrigin::connection);
    }
    std::optional<IqResult<Element>> answer;
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    pending_.emplace(id, Pending{iq.get("to"), &timer, &answer});
    if (!stream_.send(iq)) {
        pending_.erase(id);
        const std::string why = stream_.last_error();
        co_return local_error("recipient-unavailable",
                              why.empty() ? "not connected to the XMPP server" : why,
                              ErrorOrigin::connection);
    }
    error_code ignored;
    // A test's stream may have answered within send().
    if (!answer) co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    pending_.erase(id);
    if (answer) co_return std::move(*answer);
    if (timer.expiry() > Clock::now()) {
        co_return local_error("recipient-unavailable", "the request was cancelled",
                              ErrorOrigin::connection);
    }
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(deadline).count();
    co_return local_error("remote-server-timeout",
                          "no answer from " + iq.get("to") + " within " + std::to_string(waited) +
                              " ms",
                          ErrorOrigin::timeout);
}

void IqRouter::handle(IqType type, std::string name, std::string ns, IqHandler handler) {
    handlers_[{type, std::move(name), std::move(ns)}] = {std::move(handler), nullptr};
}

void IqRouter::handle_sync(IqType type, std::string name, std::string ns, IqSyncHandler handler) {
    handlers_[{type, std::move(name), std::move(ns)}] = {nullptr, std::move(handler)};
}

void IqRouter::remove_handler(IqType type, const std::string& name, const std::string& ns) {
    handlers_.erase({type, name, ns});
}

awaitable<void> IqRouter::stop() {
    stopping_ = true;
    fail_pending("stopping");
    co_await running_.stop();
}

void IqRouter::on_stanza(const Element& stanza) {
    if (stanza.name() != "iq") return;
    const std::string& type = stanza.get("type");
    if (type == "result" || type == "error") return on_answer(stanza);
    on_request(stanza);
}

// RFC 6120 8.1.2.1: an answer from the account or from the server may come without a from.
bool IqRouter::is_from(const std::string& asked, const std::string& from) const {
    if (asked == from) return true;
    const Jid& own = stream_.jid();
    if (asked.empty()) {
        return from == own.bare().to_string() || from == own.to_string() || from == own.domain();
    }
    if (from.empty()) return asked == own.bare().to_string() || asked == own.domain();
    const auto a = Jid::parse(asked);
    const auto b = Jid::parse(from);
    return a && b && *a == *b;
}

void IqRouter::on_answer(const Element& iq) {
    const auto found = pending_.find(iq.get("id"));
    if (found == pending_.end() || !is_from(found->second.to, iq.get("from"))) return;
    if (*found->second.answer) return;
    if (iq.get("type") == "error") {
        found->second.answer->emplace(parse_stanza_error(iq));
    } else {
        found->second.answer->emplace(iq);
    }
    found->second.timer->cancel();
}

void IqRouter::on_request(const Element& iq) {
    const std::string& type = iq.get("type");
    if ((type != "get" && type != "set") || iq.children().empty()) {
        stream_.send(make_error(iq, stanza_error("bad-request")));
        return;
    }
    const Element& payload = iq.children().front();
    const auto found = handlers_.find(
        {type == "get" ? IqType::get : IqType::set, payload.name(), payload.ns()});
    if (found == handlers_.end() || stopping_) {
        stream_.send(make_error(iq, stanza_error("service-unavailable")));
        return;
    }
    if (found->second.now) {
        const Element answer = found->second.now(iq);
        if (!answer.name().empty()) stream_.send(answer);
        return;
    }
    if (running_.size() >= kMaxRunningHandlers) {
        stream_.send(make_error(iq, stanza_error("resource-constraint", "too many requests")));
        return;
    }
    running_.spawn("IQ " + payload.name(), run(found->second.later, iq));
}

awaitable<void> IqRouter::run(IqHandler handler, Element iq) {
    std::string failed;
    try {
        const Element answer = co_await handler(iq);
        if (!answer.name().empty()) stream_.send(answer);
        co_return;
    } catch (const std::exception& e) {
        failed = e.what();
    }
    stream_.logger().severe("The handler of {} {} failed: {}", iq.get("type"),
                            iq.children().front().name(), failed);
    stream_.send(make_error(iq, stanza_error("internal-server-error")));
}

void IqRouter::on_state(const ConnectionEvent& event) {
    if (event.state == ConnectionState::connected) {
        if (!event.resumed) fail_pending("a new session began");
    } else if (event.state != ConnectionState::connecting && !event.may_resume) {
        fail_pending(event.reason);
    }
}

void IqRouter::fail_pending(const std::string& why) {
    for (auto& [id, pending] : pending_) {
        if (*pending.answer) continue;
        pending.answer->emplace(
            local_error("recipient-unavailable", why, ErrorOrigin::connection));
        pending.timer->cancel();
    }
}

}  // namespace jmeet::xmpp

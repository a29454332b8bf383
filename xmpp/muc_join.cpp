// Entering and leaving a room, coming back into it, and what its owner asks of it.
#include "xmpp/muc.hpp"
#include "xmpp/muc_entry.hpp"
#include "xmpp/namespaces.hpp"

#include <random>

namespace jmeet::xmpp {
namespace {

constexpr char kRoomConfig[] = "http://jabber.org/protocol/muc#roomconfig";

double chance() {
    thread_local std::minstd_rand random{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(random);
}

}  // namespace

Element MucRoom::join_presence() const {
    Element presence = own_presence();
    auto& x = presence.add("x", ns::kMuc);
    x.add("history").set("maxstanzas", std::int64_t{0});
    if (!options_.password.empty()) x.add("password").set_text(options_.password);
    return presence;
}

void MucRoom::send_unavailable(const std::string& status) {
    Element presence("presence", ns::kClient);
    presence.set("type", "unavailable").set("to", own_jid().to_string());
    if (!status.empty()) presence.add("status").set_text(status);
    rooms_.stream().send(presence);
}

std::string MucRoom::explain_refusal(const StanzaError& error) const {
    const std::string room = room_.to_string();
    const std::string start = "cannot enter the room " + room + " as \"" + nick_ + "\": ";
    if (error.origin == ErrorOrigin::timeout) {
        return start + "no answer: the server has no room service " + room_.domain() +
               ", or it lets only other login domains in (muc_filter_access)";
    }
    if (error.is("conflict")) {
        return start + "another account has this nick there: choose another nick";
    }
    if (error.is("not-allowed") || error.is("item-not-found")) {
        return start + error.condition + ": the room does not exist and " +
               rooms_.stream().jid().bare().to_string() +
               " may not create it: add it to the XMPP server's admins";
    }
    if (error.is("registration-required")) return start + "it is for members only";
    if (error.is("forbidden")) return start + "this account is banned there";
    if (error.is("not-authorized")) return start + "it wants another password";
    if (error.is("remote-server-not-found")) {
        return start + "the XMPP server has no room service " + room_.domain();
    }
    return start + error.to_string();
}

// Returns our own presence, which ends the list of those who were there before us.
awaitable<Result<MucPresence>> MucRoom::await_entry() {
    Entry entry(co_await asio::this_coro::executor, options_.deadline);
    entry_ = &entry;
    holding_ = true;
    held_.clear();
    changed_ = false;
    if (!rooms_.stream().send(join_presence())) {
        entry.refuse(stanza_error("recipient-unavailable", "not connected to the XMPP server"));
    }
    if (!entry.self && !entry.error) {
        error_code ignored;
        co_await entry.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    entry_ = nullptr;
    if (entry.self) co_return std::move(*entry.self);
    joined_ = false;
    holding_ = false;
    held_.clear();
    if (entry.error) co_return fail(explain_refusal(*entry.error));
    // Should the room admit us after all, it must not keep a ghost.
    send_unavailable({});
    StanzaError silent = stanza_error("remote-server-timeout");
    silent.origin = ErrorOrigin::timeout;
    co_return fail(explain_refusal(silent));
}

awaitable<Result<std::optional<DataForm>>> MucRoom::configure(bool created) {
    const bool submit = options_.public_jids == MucPublicJids::always ||
                        (options_.public_jids == MucPublicJids::when_created && created);
    std::optional<DataForm> form;
    if (!submit && !options_.read_form) co_return form;
    auto read = co_await request_form();
    if (!read) {
        co_return fail("cannot read the configuration of the room " + room_.to_string() + ": " +
                       read.error().to_string() + ": is " +
                       rooms_.stream().jid().bare().to_string() + " its owner?");
    }
    form = std::move(*read);
    if (submit) {
        std::map<std::string, std::string> fields;
        fields.emplace("muc#roomconfig_whois", "anyone");
        const auto done = co_await submit_form(std::move(fields));
        if (!done) {
            co_return fail("cannot configure the room " + room_.to_string() + ": " +
                           done.error().to_string());
        }
    }
    co_return form;
}

awaitable<Result<MucJoined>> MucRoom::enter() {
    if (entry_) co_return fail("already entering the room " + room_.to_string());
    auto self = co_await await_entry();
    if (!self) co_return self.error();
    MucJoined joined{self->has(muc_status::kRoomCreated), {}};
    auto form = co_await configure(joined.created);
    if (!joined_) co_return fail("put out of the room " + room_.to_string() + " while entering");
    if (!form) {
        joined_ = false;
        holding_ = false;
        held_.clear();
        send_unavailable({});
        co_return form.error();
    }
    joined.form = std::move(*form);
    if (!options_.hold_events) release_events();
    co_return joined;
}

awaitable<Result<MucJoined>> MucRoom::join() { return join(MucJoinOptions()); }

awaitable<Result<MucJoined>> MucRoom::join(const MucJoinOptions& options) {
    if (!wanted_) options_ = options;
    return first_entry();
}

awaitable<Result<MucJoined>> MucRoom::first_entry() {
    if (wanted_) co_return fail("already in the room " + room_.to_string() + ", or entering it");
    wanted_ = true;
    auto joined = co_await enter();
    if (!joined && !joined_) {
        if (options_.rejoin == MucRejoin::automatic) {
            start_rejoin();
        } else {
            wanted_ = false;
        }
    }
    co_return joined;
}

void MucRoom::leave(const std::string& status) {
    if (!wanted_) return;
    wanted_ = false;
    rejoining_ = false;
    ++generation_;
    if (entry_) entry_->refuse(stanza_error("gone", "left"));
    if (joined_ || entry_) send_unavailable(status);
    joined_ = false;
    holding_ = false;
    held_.clear();
    occupants_.clear();
}

awaitable<void> MucRoom::stop() {
    wanted_ = false;
    if (entry_) entry_->refuse(stanza_error("gone", "stopping"));
    co_await tasks_.stop();
}

void MucRoom::start_rejoin() {
    if (options_.rejoin != MucRejoin::automatic || rejoining_ || entry_ ||
        !rooms_.stream().connected() || tasks_.stopping()) {
        return;
    }
    rejoining_ = true;
    tasks_.spawn("rejoin " + room_.to_string(), rejoin(generation_));
}

awaitable<void> MucRoom::rejoin(std::uint64_t generation) {
    const auto goes_on = [this, generation] {
        return generation == generation_ && wanted_ && !joined_ && !tasks_.stopping() &&
               rooms_.stream().connected();
    };
    bool first = rejoin_pause_.untouched();
    while (goes_on()) {
        // A new session comes back at once; whoever was put out, or refused, waits.
        const auto pause = rejoin_pause_.next(chance());
        if (!std::exchange(first, false)) co_await sleep_for(pause);
        if (!goes_on()) break;
        const auto joined = co_await enter();
        if (generation != generation_ || tasks_.stopping()) co_return;
        if (joined) {
            rejoining_ = false;
            log_.info("Back in the room.");
            events_.on_room_rejoined();
            co_return;
        }
        log_.warning("{}", joined.error().what);
    }
    if (generation == generation_) rejoining_ = false;
}

awaitable<IqResult<DataForm>> MucRoom::request_form() {
    const auto answer = co_await rooms_.iq().request(
        make_iq("get", room_.to_string(), Element("query", ns::kMucOwner)), options_.deadline);
    if (!answer) co_return answer.error();
    const Element* query = answer->child("query", ns::kMucOwner);
    const Element* x = query ? query->child("x", ns::kDataForms) : nullptr;
    if (!x) co_return stanza_error("undefined-condition", "no form in the room's answer");
    co_return DataForm::parse(*x);
}

awaitable<IqResult<Element>> MucRoom::submit_form(std::map<std::string, std::string> fields) {
    Element query("query", ns::kMucOwner);
    query.add(DataForm::make_submit(kRoomConfig, fields));
    return rooms_.iq().request(make_iq("set", room_.to_string(), std::move(query)),
                               options_.deadline);
}

awaitable<IqResult<Element>> MucRoom::request_admin(Element item) {
    Element query("query", ns::kMucAdmin);
    query.add(std::move(item));
    return rooms_.iq().request(make_iq("set", room_.to_string(), std::move(query)));
}

awaitable<IqResult<Element>> MucRoom::request_role(std::string nick, MucRole role,
                                                   std::string reason) {
    Element item("item", ns::kMucAdmin);
    item.set("nick", nick).set("role", to_string(role));
    if (!reason.empty()) item.add("reason").set_text(std::move(reason));
    return request_admin(std::move(item));
}

awaitable<IqResult<Element>> MucRoom::kick(std::string nick, std::string reason) {
    return request_role(std::move(nick), MucRole::none, std::move(reason));
}

awaitable<IqResult<Element>> MucRoom::request_affiliation(Jid real_jid, MucAffiliation affiliation,
                                                          std::string reason) {
    Element item("item", ns::kMucAdmin);
    item.set("jid", real_jid.bare().to_string()).set("affiliation", to_string(affiliation));
    if (!reason.empty()) item.add("reason").set_text(std::move(reason));
    return request_admin(std::move(item));
}

}  // namespace jmeet::xmpp

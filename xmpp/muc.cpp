// A room while we are in it: presences in, our presence out.
#include "xmpp/muc.hpp"

#include "xmpp/muc_entry.hpp"
#include "xmpp/namespaces.hpp"

namespace jmeet::xmpp {
namespace {

MucDeparture departure_of(const MucPresence& presence) {
    using namespace muc_status;
    if (presence.destroyed) return MucDeparture::room_destroyed;
    // Prosody may give 307 beside 333: the connection was the cause.
    if (presence.has(kUnreachable)) return MucDeparture::unreachable;
    if (presence.has(kBanned)) return MucDeparture::banned;
    if (presence.has(kKicked)) return MucDeparture::kicked;
    if (presence.has(kAffiliationLost) || presence.has(kMembersOnly)) {
        return MucDeparture::affiliation;
    }
    return MucDeparture::left;
}

MucRoomEnd end_of(MucDeparture departure) {
    switch (departure) {
        case MucDeparture::room_destroyed: return MucRoomEnd::destroyed;
        case MucDeparture::banned: return MucRoomEnd::banned;
        case MucDeparture::kicked: return MucRoomEnd::kicked;
        case MucDeparture::affiliation: return MucRoomEnd::affiliation;
        case MucDeparture::connection_lost: return MucRoomEnd::connection_lost;
        case MucDeparture::unreachable:
        case MucDeparture::left: return MucRoomEnd::unreachable;
    }
    return MucRoomEnd::unreachable;
}

bool same_rank(const Occupant& a, const Occupant& b) {
    return a.role == b.role && a.affiliation == b.affiliation;
}

}  // namespace

MucRoom::MucRoom(MucRooms& rooms, Jid room, std::string nick, MucEvents& events)
    : rooms_(rooms),
      room_(room.bare()),
      nick_(std::move(nick)),
      events_(events),
      log_(rooms.stream().logger().named("MucRoom").with("room=" + room_.to_string())),
      tasks_(rooms.stream().io().get_executor()) {
    rooms_.rooms_[room_] = this;
    self_.nick = nick_;
    self_.jid = own_jid();
}

MucRoom::~MucRoom() {
    const auto found = rooms_.rooms_.find(room_);
    if (found != rooms_.rooms_.end() && found->second == this) rooms_.rooms_.erase(found);
}

const Occupant* MucRoom::find(const std::string& nick) const {
    const auto found = occupants_.find(nick);
    return found == occupants_.end() ? nullptr : &found->second;
}

void MucRoom::on_stanza(const Element& stanza) {
    if (!wanted_) return;
    if (stanza.name() == "message") {
        if (stanza.get("type") != "error") events_.on_room_message(stanza);
        return;
    }
    if (stanza.get("type") == "error") return on_presence_error(stanza);
    on_presence(stanza);
}

void MucRoom::on_presence(const Element& presence) {
    auto parsed = parse_muc_presence(presence);
    if (!parsed) return;
    if (parsed->has(muc_status::kSelf) || parsed->occupant.nick == nick_) return on_self(*parsed);
    parsed->occupant.before_us = entry_ && !entry_->self;
    if (holding_) {
        if (held_.size() < 2 * kMaxOccupants) held_.push_back(std::move(*parsed));
        return;
    }
    on_other(*parsed);
}

void MucRoom::on_presence_error(const Element& presence) {
    const StanzaError error = parse_stanza_error(presence);
    if (entry_) return entry_->refuse(error);
    if (!joined_) return;
    if (error.is("item-not-found") || error.is("not-acceptable")) {
        out_of_room(MucRoomEnd::forgotten, "the room does not know us any more: " +
                                               error.to_string());
    }
}

void MucRoom::on_self(const MucPresence& presence) {
    if (!presence.available) return on_self_gone(presence);
    const Occupant before = std::exchange(self_, presence.occupant);
    if (entry_) {
        joined_ = true;
        return entry_->admit(presence);
    }
    if (joined_ && !same_rank(before, self_)) events_.on_self_changed(self_, before);
}

void MucRoom::on_self_gone(const MucPresence& presence) {
    if (entry_) return entry_->refuse(stanza_error("gone", "we were put out while entering"));
    const std::string& why = presence.reason.empty() ? presence.text : presence.reason;
    out_of_room(end_of(departure_of(presence)), why.empty() ? "put out by the room" : why);
}

void MucRoom::on_other(const MucPresence& presence) {
    const auto found = occupants_.find(presence.occupant.nick);
    if (!presence.available) return occupant_left(presence);
    if (found == occupants_.end()) return occupant_joined(presence);
    const Occupant before = std::exchange(found->second, presence.occupant);
    const Occupant now = found->second;
    if (before == now) return;
    events_.on_presence_changed(now, before);
    if (!same_rank(now, before)) events_.on_role_changed(now, before);
}

void MucRoom::occupant_joined(const MucPresence& presence) {
    if (occupants_.size() >= kMaxOccupants) {
        std::uint64_t held_back = 0;
        if (full_lines_.may_speak(Clock::now(), &held_back)) {
            log_.warning("More than {} occupants: {} is ignored, {} more before.", kMaxOccupants,
                         presence.occupant.nick, held_back);
        }
        return;
    }
    const Occupant joined = presence.occupant;
    occupants_.emplace(joined.nick, joined);
    events_.on_occupant_joined(joined);
}

void MucRoom::occupant_left(const MucPresence& presence) {
    auto node = occupants_.extract(presence.occupant.nick);
    if (node.empty()) return;
    events_.on_occupant_left(node.mapped(), departure_of(presence), presence);
}

void MucRoom::forget_occupants(MucDeparture why) {
    held_.clear();
    const auto gone = std::exchange(occupants_, {});
    for (const auto& [nick, occupant] : gone) {
        MucPresence presence;
        presence.available = false;
        presence.occupant = occupant;
        events_.on_occupant_left(occupant, why, presence);
    }
}

void MucRoom::out_of_room(MucRoomEnd end, const std::string& reason) {
    if (!joined_) return;
    joined_ = false;
    holding_ = false;
    if (rooms_.stream().state() != ConnectionState::stopped) {
        log_.warning("No longer in the room: {}", reason);
    }
    forget_occupants(end == MucRoomEnd::destroyed ? MucDeparture::room_destroyed
                                                  : MucDeparture::connection_lost);
    events_.on_room_left(end, reason);
    if (wanted_) start_rejoin();
}

void MucRoom::on_connection(const ConnectionEvent& event) {
    const bool fresh = event.state == ConnectionState::connected && !event.resumed;
    const bool lost = event.state != ConnectionState::connected &&
                      event.state != ConnectionState::connecting && !event.may_resume;
    if (!fresh && !lost) return;
    const std::string why = lost ? event.reason : "the XMPP server began a new session";
    if (entry_) entry_->refuse(stanza_error("recipient-unavailable", why));
    out_of_room(MucRoomEnd::connection_lost, why);
    if (fresh && wanted_) {
        rejoin_pause_.reset();
        start_rejoin();
    }
}

void MucRoom::release_events() {
    holding_ = false;
    while (!held_.empty() && !holding_) {
        const MucPresence presence = std::move(held_.front());
        held_.pop_front();
        on_other(presence);
    }
}

void MucRoom::set_extension(Element extension) {
    for (auto& e : extensions_) {
        if (e.name() != extension.name() || e.ns() != extension.ns()) continue;
        if (e == extension) return;
        e = std::move(extension);
        changed_ = true;
        return;
    }
    extensions_.push_back(std::move(extension));
    changed_ = true;
}

void MucRoom::remove_extension(const std::string& name, const std::string& ns) {
    const auto removed =
        std::erase_if(extensions_, [&](const Element& e) { return e.is(name, ns); });
    if (removed > 0) changed_ = true;
}

// Always the whole presence, and without the joining <x/>: that would make the server send
// everybody again.
Element MucRoom::own_presence() const {
    Element presence("presence", ns::kClient);
    presence.set("to", own_jid().to_string());
    presence.add(rooms_.caps());
    for (const auto& extension : extensions_) presence.add(extension);
    return presence;
}

bool MucRoom::publish() {
    if (!joined_ || !changed_) return false;
    if (!rooms_.stream().send(own_presence())) return false;
    changed_ = false;
    return true;
}

bool MucRoom::send_groupchat(const std::string& body) {
    if (!joined_) return false;
    Element message("message", ns::kClient);
    message.set("type", "groupchat").set("to", room_.to_string());
    message.add("body").set_text(body);
    return rooms_.stream().send(message);
}

MucRooms::MucRooms(StanzaStream& stream, IqRouter& iq, const DiscoResponder& disco)
    : stream_(stream),
      iq_(iq),
      disco_(disco),
      stanzas_(stream.on_stanza().add([this](const Element& stanza) { on_stanza(stanza); })),
      states_(stream.on_state().add([this](const ConnectionEvent& event) {
          std::vector<Jid> all;
          for (const auto& [jid, room] : rooms_) all.push_back(jid);
          for (const auto& jid : all) {
              if (MucRoom* room = find(jid)) room->on_connection(event);
          }
      })) {}

MucRoom* MucRooms::find(const Jid& room) const {
    const auto found = rooms_.find(room.is_bare() ? room : room.bare());
    return found == rooms_.end() ? nullptr : found->second;
}

void MucRooms::on_stanza(const Element& stanza) {
    if (stanza.name() != "presence" && stanza.name() != "message") return;
    const auto from = Jid::parse(stanza.get("from"));
    if (!from) return;
    if (MucRoom* room = find(*from)) room->on_stanza(stanza);
}

}  // namespace jmeet::xmpp

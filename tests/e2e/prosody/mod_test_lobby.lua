-- The lobby, on a MUC host of its own: who is no member of a members-only meeting waits there in a room
-- of the same name, until a moderator invites or kicks them.
local jid = require "util.jid";
local st = require "util.stanza";
local rooms = module:require "test_rooms";
local main_host = module:get_option_string("test_rooms");

local function lobby_jid(room) return jid.node(room.jid) .. "@" .. module.host; end
local function lobby_of(room) return rooms.muc(module.host).get_room_from_jid(lobby_jid(room)); end

-- Who is in the meeting stays: before Prosody removes those who are no members.
rooms.on("muc-config-submitted/muc#roomconfig_membersonly", function (event)
	for _, occupant in event.room:each_occupant() do
		if event.value and not event.room:get_affiliation(occupant.bare_jid) then
			event.room:set_affiliation(true, occupant.bare_jid, "member");
		end
	end
end, 1);

rooms.on("muc-config-submitted/muc#roomconfig_membersonly", function (event)
	local room = event.room;
	local lobby = lobby_of(room);
	if event.value and not lobby then
		rooms.muc(module.host).create_room(lobby_jid(room));
	elseif not event.value and lobby then
		lobby:destroy(room.jid, "Lobby room closed.");
	end
	prosody.events.fire_event("test-room-metadata", { room = room, key = "lobbyEnabled", value = event.value });
	room:broadcast_message(st.message({ type = "groupchat", from = room.jid })
		:tag("json-message", { xmlns = "http://jitsi.org/jitmeet" })
		:text('{"type":"lobby-notify","event":"LOBBY-ENABLED","value":' .. tostring(event.value) .. "}"):up());
end, -1);

rooms.on("muc-disco#info", function (event)
	if not event.formdata or not lobby_of(event.room) then return; end
	table.insert(event.form, { name = "muc#roominfo_lobbyroom", type = "text-single" });
	event.formdata["muc#roominfo_lobbyroom"] = lobby_jid(event.room);
end);

-- Before the refusal that names no lobby.
rooms.on("muc-occupant-pre-join", function (event)
	local room, stanza = event.room, event.stanza;
	if not room:get_members_only() or not lobby_of(room) or room:get_affiliation(stanza.attr.from) then return; end
	event.origin.send(st.error_reply(stanza, "auth", "registration-required", nil, room.jid)
		:tag("lobbyroom", { xmlns = "http://jitsi.org/jitmeet" }):text(lobby_jid(room)):up());
	return true;
end, -4);

-- Moderators of the meeting see who knocks, and may send them away.
module:hook("muc-occupant-pre-join", function (event)
	rooms.owner_joins(event, rooms.muc().get_room_from_jid(jid.node(event.room.jid) .. "@" .. main_host));
end, 10);

rooms.on("muc-room-destroyed", function (event)
	local lobby = lobby_of(event.room);
	if lobby then lobby:destroy(nil, event.reason); end
end);

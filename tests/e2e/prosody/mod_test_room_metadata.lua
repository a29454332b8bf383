-- Room metadata: what holds for a meeting, told to everybody who comes and whenever it changes.
local array = require "util.array";
local json = require "util.json";
local rooms = module:require "test_rooms";

local metadata = {};
rooms.on("muc-room-destroyed", function (event) metadata[event.room.jid] = nil; end);

-- With a visitor's fields, and one that nobody knows: who has no visitors takes no notice.
local function of(room)
	local data = metadata[room.jid] or { lobbyEnabled = false, visitors = { live = true }, visitorsEnabled = true,
		participantsSoftLimit = 50, recording = { isTranscribingEnabled = false }, ofTomorrow = { a = { 1, 2 } } };
	metadata[room.jid] = data;
	return data;
end

-- Only the focus is told whom the meeting prefers.
local function told(room, focus)
	local data = {};
	for key, value in pairs(of(room)) do data[key] = value; end
	if focus then data.moderators = array { "somebody" }; end
	return { type = "room_metadata", metadata = data };
end

local function tell_everybody(room)
	rooms.tell_room(room, told(room, true), rooms.is_focus, room.jid);
	rooms.tell_room(room, told(room, false), function (o) return not rooms.is_focus(o); end, room.jid);
end

local function set(room, key, value)
	of(room)[key] = value;
	tell_everybody(room);
end
module:hook_global("test-room-metadata", function (event) set(event.room, event.key, event.value); end);

-- Before whatever the joiner is told of the room itself, and after every gate.
rooms.on("muc-occupant-pre-join", function (event)
	rooms.tell(event.stanza.attr.from, told(event.room, rooms.is_focus(event.occupant)), event.room.jid);
end, -100);

rooms.on_command("room_metadata", "http://jitsi.org/jitmeet", function (room, _, command)
	local wish = json.decode(command:get_text());
	if type(wish) == "table" and type(wish.key) == "string" then set(room, wish.key, wish.data); end
end);

-- Older clients say in their presence that newcomers start muted.
rooms.on("muc-broadcast-presence", function (event)
	local wish = event.stanza:get_child("startmuted", "http://jitsi.org/jitmeet/start-muted");
	if not wish or not rooms.is_moderator(event.occupant) then return; end
	local audio, video = wish.attr.audio == "true", wish.attr.video == "true";
	local now = of(event.room).startMuted or {};
	if now.audio == audio and now.video == video then return; end
	set(event.room, "startMuted", { audio = audio, video = video });
end);

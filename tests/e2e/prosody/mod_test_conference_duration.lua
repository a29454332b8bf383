-- Since when a meeting runs: in its disco#info for today's clients, by a message for those of 2022.
local now = require "util.time".now;
local rooms = module:require "test_rooms";

local since = {};
local function started(room)
	since[room.jid] = since[room.jid] or string.format("%d", math.floor(now() * 1000));
	return since[room.jid];
end

rooms.on("muc-room-created", function (event) started(event.room); end);
rooms.on("muc-room-destroyed", function (event) since[event.room.jid] = nil; end);
rooms.on("muc-disco#info", function (event)
	if not event.formdata then return; end
	table.insert(event.form, { name = "muc#roominfo_created_timestamp", type = "text-single" });
	event.formdata["muc#roominfo_created_timestamp"] = started(event.room);
end);
rooms.on("muc-occupant-joined", function (event)
	if rooms.is_focus(event.occupant) then return; end
	for real_jid in event.occupant:each_session() do
		rooms.tell(real_jid, { type = "conference_duration", created_timestamp = started(event.room) });
	end
end, -2);

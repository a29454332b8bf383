-- Breakout rooms, on a MUC host of their own: a moderator makes them, and sends people there and back.
local jid = require "util.jid";
local new_id = require "util.uuid".generate;
local st = require "util.stanza";
local rooms = module:require "test_rooms";

-- Room -> { main, name }: nobody but this component gives them addresses.
local made = {};

local function each_room_of(main_jid)
	local found = {};
	local main = rooms.muc().get_room_from_jid(main_jid);
	if main then table.insert(found, main); end
	for address, how in pairs(made) do
		local room = how.main == main_jid and rooms.muc(module.host).get_room_from_jid(address);
		if room then table.insert(found, room); end
	end
	return found;
end

local function participants(room)
	local found = {};
	for nick, occupant in room:each_occupant() do
		if not rooms.is_focus(occupant) then
			found[nick] = { jid = occupant.jid, role = occupant.role,
				displayName = occupant:get_presence():get_child_text("nick", "http://jabber.org/protocol/nick") };
		end
	end
	return found;
end

local function tell_rooms(main_jid)
	local list, count = {}, 0;
	local function add(address, name, is_main)
		local room = rooms.muc(is_main and jid.host(address) or module.host).get_room_from_jid(address);
		list[address] = { id = jid.node(address), jid = address, name = name, isMainRoom = is_main,
			participants = room and participants(room) or {} };
		count = count + 1;
	end
	add(main_jid, nil, true);
	for address, how in pairs(made) do
		if how.main == main_jid then add(address, how.name, nil); end
	end
	for _, room in ipairs(each_room_of(main_jid)) do
		rooms.tell_room(room, { type = "breakout_rooms", event = "features/breakout-rooms/update", rooms = list, roomCounter = count },
			function (occupant) return not rooms.is_focus(occupant); end);
	end
end

local function send_to(occupant_jid, target)
	local room = rooms.muc(jid.host(occupant_jid)).get_room_from_jid(jid.bare(occupant_jid));
	local occupant = room and room:get_occupant_by_nick(occupant_jid);
	if not occupant then return; end
	for real_jid in occupant:each_session() do
		rooms.tell(real_jid, { type = "breakout_rooms", event = "features/breakout-rooms/move-to-room", roomJid = target });
	end
end

rooms.on_command("breakout_rooms", nil, function (room, _, command)
	local main_jid = made[room.jid] and made[room.jid].main or room.jid;
	local what = command.attr.type:match("^features/breakout%-rooms/(.*)$");
	if what == "add" then
		made[new_id() .. "@" .. module.host] = { main = main_jid, name = command.attr.subject };
	elseif what == "move-to-room" then
		return send_to(command.attr.participantJid, command.attr.roomJid);
	elseif what == "remove" then
		local gone = rooms.muc(module.host).get_room_from_jid(command.attr.breakoutRoomJid);
		if gone then gone:destroy(main_jid, "Breakout room removed."); end
		made[command.attr.breakoutRoomJid] = nil;
	end
	tell_rooms(main_jid);
end);

-- Only the focus opens them, and only those that were made.
module:hook("muc-room-pre-create", function (event)
	if made[event.room.jid] then return; end
	event.origin.send(st.error_reply(event.stanza, "cancel", "not-allowed", nil, event.room.jid));
	return true;
end, 10);

-- Moderators of the meeting are moderators in its breakout rooms.
module:hook("muc-occupant-pre-join", function (event)
	local how = made[event.room.jid];
	rooms.owner_joins(event, how and rooms.muc().get_room_from_jid(how.main));
end, 10);

local function who_is_where(event)
	local main_jid = made[event.room.jid] and made[event.room.jid].main or event.room.jid;
	for _, how in pairs(made) do
		if how.main == main_jid then return tell_rooms(main_jid); end
	end
end
for _, event in ipairs { "muc-occupant-joined", "muc-occupant-left" } do
	module:hook(event, who_is_where, -2);
	rooms.on(event, who_is_where, -2);
end

-- What the focus reads in the owner's form, and clients by disco#info.
local fields = { ["muc#roominfo_isbreakout"] = "boolean", ["muc#roominfo_breakout_main_room"] = "text-single" };
local function values(room) return { ["muc#roominfo_isbreakout"] = true, ["muc#roominfo_breakout_main_room"] = made[room.jid].main }; end
module:hook("muc-config-form", function (event)
	for name, kind in pairs(made[event.room.jid] and fields or {}) do
		table.insert(event.form, { name = name, type = kind, label = name, value = values(event.room)[name] });
	end
end);
module:hook("muc-disco#info", function (event)
	for name, kind in pairs(event.formdata and made[event.room.jid] and fields or {}) do
		table.insert(event.form, { name = name, type = kind });
		event.formdata[name] = values(event.room)[name];
	end
end);

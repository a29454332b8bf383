-- A/V moderation: a moderator allows nobody to unmute but those on a list, per kind of media.
local rooms = module:require "test_rooms";

-- Room -> media -> { actor, listed = { occupant -> true } } while it is moderated.
local moderated = {};
rooms.on("muc-room-destroyed", function (event) moderated[event.room.jid] = nil; end);

local function message(room, media, more)
	more.type, more.room, more.mediaType = "av_moderation", room.jid, media;
	return more;
end

-- Lists without anybody are left out, for Lua has one kind of empty table.
local function tell_lists(room, media, removed)
	local lists = {};
	for kind, state in pairs(moderated[room.jid] or {}) do
		for occupant in pairs(state.listed) do
			lists[kind] = lists[kind] or {};
			table.insert(lists[kind], occupant);
		end
	end
	rooms.tell_room(room, message(room, media, { whitelists = lists, removed = removed }), rooms.is_moderator);
end

local function switch(room, actor, media, on)
	local states = moderated[room.jid] or {};
	moderated[room.jid] = states;
	if on == (states[media] ~= nil) then return; end
	states[media] = on and { actor = actor.nick, listed = {} } or nil;
	rooms.tell_room(room, message(room, media, { enabled = on, actor = actor.nick }));
	if not on then return; end
	for _, occupant in room:each_occupant() do
		if rooms.is_moderator(occupant) and not rooms.is_focus(occupant) then
			states[media].listed[occupant.nick] = true;
		end
	end
	tell_lists(room, media);
end

local function list(room, media, occupant_jid, allowed)
	local state = (moderated[room.jid] or {})[media];
	local occupant = room:get_occupant_by_nick(occupant_jid);
	if not state or not occupant then return; end
	state.listed[occupant_jid] = allowed or nil;
	tell_lists(room, media, not allowed or nil);
	for real_jid in occupant:each_session() do
		rooms.tell(real_jid, message(room, media, allowed and { approved = true } or { removed = true }));
	end
end

rooms.on_command("av_moderation", nil, function (room, actor, command)
	local attr = command.attr;
	if attr.enable then
		switch(room, actor, attr.mediaType, attr.enable == "true");
	elseif attr.jidToWhitelist then
		list(room, attr.mediaType, attr.jidToWhitelist, true);
	elseif attr.jidToBlacklist then
		list(room, attr.mediaType, attr.jidToBlacklist, false);
	end
end);

rooms.on("muc-occupant-joined", function (event)
	if rooms.is_focus(event.occupant) then return; end
	for media, state in pairs(moderated[event.room.jid] or {}) do
		for real_jid in event.occupant:each_session() do
			rooms.tell(real_jid, message(event.room, media, { enabled = true, actor = state.actor }));
		end
	end
end, -2);

-- What the components of the tests share: meetings and who is in them, and JSON messages to them.
-- Each feature is one module; it plays the part of the server that clients and the focus talk to.
-- Option test_rooms: the host of the meetings.
local jid = require "util.jid";
local json = require "util.json";
local st = require "util.stanza";

local main_host = module:get_option_string("test_rooms");
local lib = {};

function lib.muc(host) return prosody.hosts[host or main_host].modules.muc; end

-- The meeting in which that connection is, and its occupant there: of the main host, or of a component
-- that has meetings itself.
local function meeting_of(full_jid)
	for _, host in ipairs { main_host, module.host } do
		local muc = lib.muc(host);
		for room in muc and muc.live_rooms() or function () end do
			local occupant = room:get_occupant_by_real_jid(full_jid);
			if occupant then return room, occupant; end
		end
	end
end

function lib.is_focus(occupant) return jid.resource(occupant.nick) == "focus"; end
function lib.is_moderator(occupant) return occupant.role == "moderator"; end

-- Events of the meetings' host: their modules are there once the server has started.
function lib.on(event, handler, priority)
	module:hook_global("server-started", function ()
		prosody.hosts[main_host].events.add_handler(event, handler, priority);
	end);
end

-- room_address: names the meeting beside the JSON, as metadata does.
function lib.tell(to, content, room_address)
	module:send(st.message({ from = module.host, to = to })
		:tag("json-message", { xmlns = "http://jitsi.org/jitmeet", room = room_address })
		:text(json.encode(content)):up());
end

-- To every connection of those occupants that `which` picks.
function lib.tell_room(room, content, which, room_address)
	for _, occupant in room:each_occupant() do
		if not which or which(occupant) then
			for real_jid in occupant:each_session() do lib.tell(real_jid, content, room_address); end
		end
	end
end

-- Who owns the meeting owns the room that they are about to join, too; their role is settled already.
function lib.owner_joins(event, meeting)
	local bare_jid = jid.bare(event.stanza.attr.from);
	if not meeting or meeting:get_affiliation(bare_jid) ~= "owner" then return; end
	event.room:set_affiliation(true, bare_jid, "owner");
	event.occupant.role = event.room:get_default_role("owner");
end

-- A command of a moderator to this component: <name/> in a message.
function lib.on_command(name, xmlns, handler)
	module:hook("message/host", function (event)
		local command = event.stanza:get_child(name, xmlns);
		if not command then return; end
		local room, occupant = meeting_of(event.stanza.attr.from);
		if not room or not lib.is_moderator(occupant) then
			event.origin.send(st.error_reply(event.stanza, "auth", "forbidden"));
		else
			handler(room, occupant, command);
		end
		return true;
	end);
end

return lib;

-- Guests who lose their connection come back as who they were.
--
-- XEP-0198 lets a client take its session up again on another connection of the same account. An
-- anonymous guest (RFC 4505) has another account on each connection, so that it never could. Who
-- names the resumption token of a session of this host, which its client alone knows, in the
-- WebSocket's address (?previd=TOKEN, as Jitsi's clients do), is therefore given its account.
local http = require "util.http";
local jid = require "util.jid";

local sessions = module:shared "/*/smacks/resumption-tokens"; -- by account@host/token

local function account_of(token)
	for key in pairs(sessions) do
		local account, host, resource = jid.split(key);
		if host == module.host and resource == token then
			return account;
		end
	end
end

module:hook("authentication-success", function (event)
	local session = event.session;
	local request = session.websocket_request;
	local query = request and request.url and request.url.query;
	local fields = query and http.formdecode(query);
	local token = type(fields) == "table" and fields.previd;
	local account = token and account_of(token);
	if account then
		session.log("debug", "Comes back as %s", account);
		session.username = account;
	end
end);

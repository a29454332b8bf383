-- On the host of the focus and the bridges: says when a session of theirs is over, for Prosody keeps one
-- for a while whose connection is lost.
module:hook("resource-unbind", function (event)
	module:log("info", "Session of %s is over", event.session.full_jid);
end);

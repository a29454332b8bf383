-- A moderator ends the meeting for everybody: its room is destroyed.
local rooms = module:require "test_rooms";

rooms.on_command("end_conference", nil, function (room)
	room:destroy(nil, "The meeting has been terminated");
end);

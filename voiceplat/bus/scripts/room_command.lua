-- room_command: put a command into the inbox of the mixer that has a room.
-- KEYS: 1 room
-- ARGV: 1 uuid of the instance, 2 message as JSON, 3 what an inbox begins with
-- Returns the inbox's key, or "" when that instance is over.
if redis.call("HGET", KEYS[1], "uuid") ~= ARGV[1] then return "" end
redis.call("RPUSH", ARGV[3] .. ARGV[1], ARGV[2])
return ARGV[3] .. ARGV[1]

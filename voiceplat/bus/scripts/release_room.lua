-- release_room: an instance of a room is over; its name is free.
-- KEYS: 1 room, 2 nodes
-- ARGV: 1 uuid of the instance ("" for any), 2 node that it must be at ("" for any),
--       3 ms that its node must be silent (0: whatever it is), what keys begin with:
--       4 rooms of an account, 5 rooms of a node, 6 inbox; 7 how the room is called in
--       the indices
-- Returns 1 when this released it, else 0.
local room = load(KEYS[1])
if not room.uuid then return 0 end
if ARGV[1] ~= "" and room.uuid ~= ARGV[1] then return 0 end
if ARGV[2] ~= "" and room.node ~= ARGV[2] then return 0 end
local beat = redis.call("ZSCORE", KEYS[2], room.node)
if tonumber(ARGV[3]) > 0 and beat
  and tonumber(now_ms()) - tonumber(beat) < tonumber(ARGV[3]) then
  return 0
end
redis.call("DEL", KEYS[1], ARGV[6] .. room.uuid)
redis.call("ZREM", ARGV[4] .. room.account, ARGV[7])
redis.call("ZREM", ARGV[4] .. room.main, ARGV[7])
redis.call("SREM", ARGV[5] .. room.node, ARGV[7])
return 1

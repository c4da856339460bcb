-- claim_room: the room of that name, or the right and duty to make it.
-- KEYS: 1 room, 2 rooms of its account, 3 rooms of its main account, 4 rooms of the
--       node that claims
-- ARGV: 1 uuid of the instance that would be made, 2 account, 3 main account, 4 name,
--       5 node, 6 ms until a claim that brings no room is void, 7 what the key of a
--       node's rooms begins with, 8 how the room is called in the indices
-- Returns uuid, node, host, port and password of who has the room; the last three are
-- empty while it is being made. The uuid is ARGV[1] when it is the caller's to make.
local room = load(KEYS[1])
if room.uuid and (room.port or tonumber(room.claimed_until) > tonumber(now_ms())) then
  return {room.uuid, room.node, room.host or "", room.port or "", room.password or ""}
end
if room.uuid then redis.call("SREM", ARGV[7] .. room.node, ARGV[8]) end
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "uuid", ARGV[1], "account", ARGV[2], "main", ARGV[3],
  "name", ARGV[4], "node", ARGV[5],
  "claimed_until", whole(tonumber(now_ms()) + tonumber(ARGV[6])))
redis.call("ZADD", KEYS[2], now_ms(), ARGV[8])
redis.call("ZADD", KEYS[3], now_ms(), ARGV[8])
redis.call("SADD", KEYS[4], ARGV[8])
return {ARGV[1], ARGV[5], "", "", ""}

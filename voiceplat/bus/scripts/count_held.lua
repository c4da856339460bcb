-- count_held: what some workers hold, and what they have free.
-- KEYS: 1 free slots, 2 how many slots each worker has had at most, 3 free legs of each
--       worker
-- ARGV: 1 what a worker's calls begin with, 2 what a record begins with, then the workers
-- Returns the free slots, the free legs, then status, direction and number of their
-- calls, again and again.
local slots, legs, held = 0, 0, {}
for n = 3, #ARGV do
  local worker = ARGV[n]
  local most = tonumber(redis.call("HGET", KEYS[2], worker) or 0)
  for place = 0, most - 1 do
    if redis.call("ZSCORE", KEYS[1], worker .. "#" .. place) then slots = slots + 1 end
  end
  legs = legs + tonumber(redis.call("ZSCORE", KEYS[3], worker) or 0)
  for _, uuid in ipairs(redis.call("SMEMBERS", ARGV[1] .. worker)) do
    local status, direction = unpack(
      redis.call("HMGET", ARGV[2] .. uuid, "status", "direction"))
    if status and direction then
      local kind = status .. " " .. direction
      held[kind] = (held[kind] or 0) + 1
    end
  end
end
local reply = {slots, legs}
for kind, count in pairs(held) do
  local status, direction = string.match(kind, "(%S+) (%S+)")
  table.insert(reply, status)
  table.insert(reply, direction)
  table.insert(reply, count)
end
return reply

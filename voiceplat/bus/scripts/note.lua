-- note: append moments to the timelines of some calls.
-- KEYS: 1 timelines that are not in the database yet, 2 … the stream of each call
-- ARGV: 1 how many moments of a call stay, 2 how long a stream stays, s,
--       3 … the uuid of each call, then pairs: number of the call, from 1; its moment
-- Returns how many moments were noted.
local calls = #KEYS - 1
for i = 3 + calls, #ARGV, 2 do
  redis.call("XADD", KEYS[1 + ARGV[i]], "MAXLEN", "=", ARGV[1], "*", "moment", ARGV[i + 1])
end
for i = 1, calls do
  redis.call("EXPIRE", KEYS[1 + i], ARGV[2])
  -- later than whatever was there: who took the timeline away must see that it changed
  local last = tonumber(redis.call("ZSCORE", KEYS[1], ARGV[2 + i]) or 0)
  redis.call("ZADD", KEYS[1], whole(math.max(now_us(), last + 1)), ARGV[2 + i])
end
return (#ARGV - 2 - calls) / 2

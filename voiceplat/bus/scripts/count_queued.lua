-- count_queued: how much waits in the queues of all accounts.
-- KEYS: 1 accounts with a queue
-- ARGV: 1 what a queue's key begins with, 2 what a record begins with
-- Returns the number of calls, and for how many ms the one that waits longest has
-- waited (0 when none does).
local count, oldest = 0, now_us()
local now = oldest
for _, main in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  count = count + redis.call("LLEN", ARGV[1] .. main)
  local first = redis.call("LINDEX", ARGV[1] .. main, 0)
  local since = first and redis.call("HGET", ARGV[2] .. first, "queued_at")
  if since then oldest = math.min(oldest, tonumber(since)) end
end
return {count, math.floor((now - oldest) / 1000)}

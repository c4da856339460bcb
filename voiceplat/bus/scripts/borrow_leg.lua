-- borrow_leg: ask a worker that has a leg free to dial for another worker.
-- The worker with most legs free is taken: one that has none left for its own calls
-- would have to borrow in turn.
-- KEYS: 1 free legs of each worker
-- ARGV: 1 message to the worker, 2 what an inbox begins with, 3 … workers not to ask
-- Returns the worker that was asked; empty when none has a leg free.
local not_these = {}
for i = 3, #ARGV do not_these[ARGV[i]] = true end
for _, worker in ipairs(redis.call("ZREVRANGE", KEYS[1], 0, -1)) do
  if not not_these[worker] then
    if tonumber(redis.call("ZINCRBY", KEYS[1], -1, worker)) <= 0 then
      redis.call("ZREM", KEYS[1], worker)
    end
    redis.call("RPUSH", ARGV[2] .. worker, ARGV[1])
    return worker
  end
end
return ""

-- dispatch: hand every call that may start now to the worker of a free slot.
-- An account's starts are paced by GCRA with a burst of one: after a start the next is
-- due one period later, never sooner. Accounts take turns: who was served longest ago
-- is served first, so a long queue delays its own account only.
-- KEYS: 1 accounts with a queue (by when they were last served), 2 rates, 3 free slots
-- ARGV: what keys begin with: 1 queue, 2 pace, 3 record, 4 worker, 5 inbox; 6 channel of
--       wake-ups for a start that is due later, or "" when the asker will ask again
-- Returns {calls started, ms until the next start is due}; -1 ms when time alone will
-- start nothing: no queue, or no free slot.
local now = now_us()
local started, wait = 0, -1

-- The oldest queued call of the queue at `key`; uuids whose record is gone are dropped.
local function next_call(key)
  while true do
    local uuid = redis.call("LPOP", key)
    if not uuid then return nil end
    local record = ARGV[3] .. uuid
    if redis.call("HGET", record, "phase") == "queued" then return uuid, record end
  end
end

local function assign(uuid, record)
  local slot = redis.call("ZPOPMIN", KEYS[3])[1]
  local worker = string.match(slot, "^(.*)#%d+$")
  redis.call("HSET", record, "phase", "assigned", "worker", worker)
  redis.call("SADD", ARGV[4] .. worker, uuid)
  redis.call("RPUSH", ARGV[5] .. worker,
    job_message(redis.call("HGET", record, "call")))
end

for _, main in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  if redis.call("ZCARD", KEYS[3]) == 0 then return {started, -1} end
  local queue, pace = ARGV[1] .. main, ARGV[2] .. main
  local period = 1000000 / (tonumber(redis.call("HGET", KEYS[2], main)) or 1)
  local due = tonumber(redis.call("GET", pace) or 0)
  -- A clock that was set back must not stop an account for longer than one period.
  if due > now + period then due = now + period end
  if due <= now then
    local uuid, record = next_call(queue)
    if uuid then
      assign(uuid, record)
      started = started + 1
      due = now + period
      redis.call("SET", pace, whole(due), "PX", whole(math.ceil(period / 1000) + 1000))
      redis.call("ZADD", KEYS[1], whole(now), main)
    end
  end
  if redis.call("LLEN", queue) == 0 then
    redis.call("ZREM", KEYS[1], main)
  else
    local left = math.max(0, math.ceil((due - now) / 1000))
    if wait < 0 or left < wait then wait = left end
  end
end
if wait >= 0 and ARGV[6] ~= "" then redis.call("PUBLISH", ARGV[6], "due") end
return {started, wait}

-- restore_jobs: put jobs back into an inbox that left it and did not reach the worker,
-- because the connection broke between the two.
-- KEYS: 1 inbox of the worker, 2 calls that it holds
-- ARGV: 1 what a record begins with
-- Returns how many; the oldest goes first. One that did arrive comes twice: `begin`
-- says no the second time.
local lost = {}
for _, uuid in ipairs(redis.call("SMEMBERS", KEYS[2])) do
  local record = load(ARGV[1] .. uuid)
  if record.phase == "assigned" then
    local message = job_message(record.call)
    if not redis.call("LPOS", KEYS[1], message) then
      table.insert(lost, {at = tonumber(record.queued_at), message = message})
    end
  end
end
table.sort(lost, function(a, b) return a.at > b.at end)
for _, job in ipairs(lost) do redis.call("LPUSH", KEYS[1], job.message) end
return #lost

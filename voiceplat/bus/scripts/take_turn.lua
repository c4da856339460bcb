-- take_turn: count a request of somebody in the window of time that runs now.
-- KEYS: 1 count of the requester's window
-- ARGV: 1 requests allowed in a window, 2 its length in ms
-- Returns 0 when the request may be served, else ms until the next window begins.
-- Not written to the append-only file: no request waits for the disk to be counted, and
-- a Redis that starts again counts from nought.
redis.set_repl(redis.REPL_NONE)
local taken = redis.call("INCR", KEYS[1])
local left = redis.call("PTTL", KEYS[1])
if left < 0 then
  redis.call("PEXPIRE", KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
if taken <= tonumber(ARGV[1]) then return 0 end
return math.max(left, 1)

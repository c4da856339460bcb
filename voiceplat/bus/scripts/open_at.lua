-- open_at: a call that did not come out of the queue: record, index, holder and event.
-- KEYS: 1 record of the call, 2 index of its account, 3 index of its main account,
--       4 calls that the worker holds, 5 events, 6 mark that the call is over
-- ARGV: 1 uuid, 2 call as JSON, 3 main account, 4 worker, 5 node, 6 initiated (epoch
--       ms), 7 account, 8 direction, 9 from, 10 to
-- Returns 1 when it was opened, 0 when it was open already or is over.
if redis.call("EXISTS", KEYS[1], KEYS[6]) > 0 then return 0 end
redis.call("HSET", KEYS[1], "call", ARGV[2], "status", "ringing", "phase", "live",
  "account", ARGV[7], "main", ARGV[3], "worker", ARGV[4], "node", ARGV[5],
  "ringing_at", now_ms(), "direction", ARGV[8], "from", ARGV[9], "to", ARGV[10])
redis.call("ZADD", KEYS[2], ARGV[6], ARGV[1])
redis.call("ZADD", KEYS[3], ARGV[6], ARGV[1])
redis.call("SADD", KEYS[4], ARGV[1])
emit(KEYS[5], KEYS[1], ARGV[1], "initiated", live_json(load(KEYS[1])) .. "}")
return 1

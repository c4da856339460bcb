-- advance: a live call rings or was answered; told once, and never backwards.
-- KEYS: 1 record of the call, 2 events
-- ARGV: 1 uuid, 2 kind of event, 3 status, 4 field that takes the time
-- Returns 1 when this told it, else 0 (told before, answered before, over).
local record = load(KEYS[1])
if not record.call or record[ARGV[4]] or record.answered_at then return 0 end
redis.call("HSET", KEYS[1], "status", ARGV[3], ARGV[4], now_ms())
emit(KEYS[2], KEYS[1], ARGV[1], ARGV[2], live_json(load(KEYS[1])) .. "}")
return 1

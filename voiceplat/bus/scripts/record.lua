-- record: what other scripts begin with; the loader puts it in front of them.
-- No KEYS or ARGV of its own; defines local functions only.

-- Redis' own time in whole microseconds: a double holds it exactly until 2255.
local function now_us()
  local time = redis.call("TIME")
  return time[1] * 1000000 + time[2]
end

local function whole(number)
  return string.format("%.0f", number)
end

local function now_ms()
  return whole(math.floor(now_us() / 1000))
end

-- The hash at `key` as a table; empty when there is none.
local function load(key)
  local flat, record = redis.call("HGETALL", key), {}
  for i = 1, #flat, 2 do record[flat[i]] = flat[i + 1] end
  return record
end

-- calls.LiveCall as JSON without its closing brace; `call` is spliced in as it came,
-- because decoding and encoding it again would turn empty objects into lists.
local function live_json(record)
  return '{"call":' .. record.call
    .. ',"status":' .. cjson.encode(record.status)
    .. ',"worker":' .. cjson.encode(record.worker or "")
    .. ',"ringing_at":' .. (record.ringing_at or "null")
    .. ',"answered_at":' .. (record.answered_at or "null")
end

-- Appends an event of the call whose record lies at `key`, with the next number of
-- that call (0 when the call is over).
local function emit(stream, key, uuid, kind, data)
  local seq = 0
  if redis.call("EXISTS", key) == 1 then seq = redis.call("HINCRBY", key, "seq", 1) end
  redis.call("XADD", stream, "*", "kind", kind, "call_uuid", uuid,
    "seq", seq, "at", now_ms(), "data", data)
end

-- What the inbox of a worker gets for a call that it must dial.
local function job_message(call)
  return '{"kind":"job","call":' .. call .. "}"
end

-- latest_elements: elements that began or ended in some calls, as their timelines tell.
-- KEYS: the stream of each call
-- ARGV: 1 how many of the last moments of each are looked at
-- Returns the moments of each call, the latest first. Quotes in what strangers wrote are
-- escaped, so none of it is taken for a kind.
local told = {}
for number, key in ipairs(KEYS) do
  local found = {}
  for _, entry in ipairs(redis.call("XREVRANGE", key, "+", "-", "COUNT", ARGV[1])) do
    local moment = entry[2][2]
    if string.find(moment, '"kind":"element"', 1, true) then
      table.insert(found, moment)
    end
  end
  told[number] = found
end
return told

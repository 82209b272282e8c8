-- Counts accidents of one feed and marks their receipts.
--
-- Invariant: an accident has its effect once, however often it comes: the receipt, by seq, is set with the effect.
-- Late accidents are counted and listed, but are in no minute and in no state's total, as in Flink's windows.
--
-- KEYS receipt received states accidents minutes minute...
-- ARGV type(accident or accident_late) ttlSeconds maxListed
--      { seq minuteKey(its number among the minute keys, from 1) minute state severity json }...
-- Returns how many were new.

local type, ttl, max_listed = ARGV[1], ARGV[2], ARGV[3]
local is_late = type == 'accident_late'
local folded_before = tonumber(redis.call('HGET', KEYS[2], 'folded_before') or 0)

local new = 0
local states, cells, minutes = {}, {}, {}
for i = 4, #ARGV, 6 do
  if redis.call('SETBIT', KEYS[1], ARGV[i], 1) == 0 then
    new = new + 1
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', max_listed, '*', 'late', is_late and 1 or 0, 'json', ARGV[i + 5])
    local state, minute = ARGV[i + 3], ARGV[i + 2]
    if not is_late then
      states[state] = (states[state] or 0) + 1
      if tonumber(minute) >= folded_before then
        local key = KEYS[5 + tonumber(ARGV[i + 1])]
        local cell = 'open:' .. state .. '|' .. ARGV[i + 4]
        cells[key] = cells[key] or {}
        cells[key][cell] = (cells[key][cell] or 0) + 1
        minutes[minute] = true
      end
    end
  end
end
if new == 0 then return 0 end

redis.call('HINCRBY', KEYS[2], type, new)
for state, count in pairs(states) do redis.call('HINCRBY', KEYS[3], state, count) end
for minute in pairs(minutes) do redis.call('ZADD', KEYS[5], minute, minute) end
for key, counts in pairs(cells) do
  for cell, count in pairs(counts) do redis.call('HINCRBY', key, cell, count) end
  redis.call('EXPIRE', key, ttl)
end
for i = 1, 5 do redis.call('EXPIRE', KEYS[i], ttl) end
return new

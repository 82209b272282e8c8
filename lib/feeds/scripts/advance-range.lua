-- Commits a position of a range and the counts that belong to it. Invariants: only the holder of the current epoch
-- moves it, and only forward; read + recovered = emitted + refused + filtered in everything that is committed.
-- The range's counts are totals, so the same call twice changes nothing; the feed's are the sums over its ranges.
--
-- KEYS  1 ranges  2 trail, then two for each feed whose dead letters were fed in again:  3 its ranges  4 its trail
-- ARGV  1 range  2 epoch  3 offset  4 line  5 seq  6 reserved  7 bytes of the source read for it  8 read  9 refused
--       10 filtered  11 emitted  12 recovered  13 ms that the trail is kept, then three for each of those feeds:
--       14 recovered  15 emitted  16 refused, all since the last advance
-- Returns 'fenced' or 'ok'.

local range = ARGV[1]
local COUNTS = { 'read', 'refused', 'filtered', 'emitted', 'recovered' }
local function stored(field) return tonumber(redis.call('HGET', KEYS[1], range .. ':' .. field) or 0) end

if redis.call('HGET', KEYS[1], range .. ':epoch') ~= ARGV[2] then return 'fenced' end
local seq, before = tonumber(ARGV[5]), stored('seq')
if seq < before then return redis.error_reply('BACKWARD the position of a range only goes forward') end
if ARGV[8] + ARGV[12] ~= ARGV[11] + ARGV[9] + ARGV[10] then
  return redis.error_reply('UNBALANCED read + recovered = emitted + refused + filtered does not hold')
end

-- The trail is by the server's clock: all producers share it, and it never says that a row was emitted before it was.
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local now = string.format('%.0f', nowMs)
local function addToTrail(ranges, trail)
  redis.call('ZREMRANGEBYSCORE', trail, now, now)
  redis.call('ZADD', trail, now, now .. ':' .. (redis.call('HGET', ranges, 'emitted') or '0'))
  -- The entry just added stays however old it gets: a feed that stands still keeps its last word.
  redis.call('ZREMRANGEBYSCORE', trail, '-inf', '(' .. string.format('%.0f', nowMs - tonumber(ARGV[13])))
end

for i, name in ipairs(COUNTS) do
  local added = tonumber(ARGV[7 + i]) - stored(name)
  if added ~= 0 then redis.call('HINCRBY', KEYS[1], name, string.format('%.0f', added)) end
  redis.call('HSET', KEYS[1], range .. ':' .. name, ARGV[7 + i])
end
redis.call('HSET', KEYS[1], range .. ':offset', ARGV[3], range .. ':line', ARGV[4], range .. ':seq', ARGV[5],
  range .. ':reserved', ARGV[6], range .. ':bytes', ARGV[7])
addToTrail(KEYS[1], KEYS[2])

-- What is given as an increase counts once: a call that is repeated does not move the position.
if seq > before then
  for i = 3, #KEYS, 2 do
    local arg = 14 + (i - 3) / 2 * 3
    if redis.call('EXISTS', KEYS[i]) == 1 then
      redis.call('HINCRBY', KEYS[i], 'recovered', ARGV[arg])
      redis.call('HINCRBY', KEYS[i], 'emitted', ARGV[arg + 1])
      redis.call('HINCRBY', KEYS[i], 'refused', ARGV[arg + 2])
      addToTrail(KEYS[i], KEYS[i + 1])
    end
  end
end
return 'ok'

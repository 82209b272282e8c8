-- Commits a position of a range and the counts that belong to it. Invariants: only the holder of the current epoch
-- moves it, and only forward; read + recovered = emitted + refused + filtered in everything that is committed.
-- Counts are totals, so the same call twice changes nothing.
--
-- KEYS  1 feed  2 range  3 trail
-- ARGV  1 epoch  2 offset  3 line  4 seq  5 reserved  6 read  7 refused  8 filtered  9 emitted  10 recovered
--       11 ms that the trail is kept
-- Returns 'fenced', 'go', or 'end': finish what is in flight, another feed has taken this one's place.

if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then return 'fenced' end
local seq = tonumber(ARGV[4])
if seq < tonumber(redis.call('HGET', KEYS[2], 'seq') or 0) then
  return redis.error_reply('BACKWARD the position of a range only goes forward')
end
local read, refused, filtered = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local emitted, recovered = tonumber(ARGV[9]), tonumber(ARGV[10])
if read + recovered ~= emitted + refused + filtered then
  return redis.error_reply('UNBALANCED read + recovered = emitted + refused + filtered does not hold')
end

redis.call('HSET', KEYS[2], 'offset', ARGV[2], 'line', ARGV[3], 'seq', ARGV[4], 'reserved', ARGV[5], 'read', ARGV[6],
  'refused', ARGV[7], 'filtered', ARGV[8], 'emitted', ARGV[9], 'recovered', ARGV[10])
-- The trail is by the server's clock: all producers share it, and it never says that a row was emitted before it was.
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local now = string.format('%.0f', nowMs)
redis.call('ZREMRANGEBYSCORE', KEYS[3], now, now)
redis.call('ZADD', KEYS[3], now, now .. ':' .. ARGV[9])
-- The entry just added stays however old it gets: a feed that stands still keeps its last word.
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. string.format('%.0f', nowMs - tonumber(ARGV[11])))

if redis.call('HEXISTS', KEYS[1], 'endRequested') == 1 then return 'end' end
return 'go'

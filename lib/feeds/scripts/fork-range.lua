-- Ends the last range of a feed at a row boundary and begins the next one there. Invariant: ranges follow each other
-- without a gap; only the holder of the current epoch divides what is left, once.
--
-- KEYS  1 ranges
-- ARGV  1 range  2 epoch  3 offset  4 line  5 seq: where the next range begins, its last row before
-- Returns 'fenced' or 'ok'.

local range = ARGV[1]
if redis.call('HGET', KEYS[1], range .. ':epoch') ~= ARGV[2] then return 'fenced' end
if redis.call('HEXISTS', KEYS[1], range .. ':end') == 1 then return 'ok' end
local following = string.format('%d', tonumber(range) + 1)
redis.call('HSET', KEYS[1], range .. ':end', ARGV[3], following .. ':start', ARGV[3], following .. ':offset', ARGV[3],
  following .. ':line', ARGV[4], following .. ':seq', ARGV[5], 'ranges', string.format('%d', tonumber(range) + 2))
return 'ok'

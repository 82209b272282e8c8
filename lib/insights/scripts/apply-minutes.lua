-- Takes over the minute windows of one feed that Flink has closed: accidents by state and severity.
--
-- Invariant: a window is absolute. Whatever comes again changes nothing: `windowed` moves by the difference alone.
-- Minutes that have been folded into hours are closed for good.
--
-- KEYS received minutes minute...
-- ARGV ttlSeconds { minuteKey(its number among the minute keys, from 1) minute state severity count }...

local ttl = ARGV[1]
local folded_before = tonumber(redis.call('HGET', KEYS[1], 'folded_before') or 0)

local difference = 0
for i = 2, #ARGV, 5 do
  local minute, count = ARGV[i + 1], tonumber(ARGV[i + 4])
  if tonumber(minute) >= folded_before then
    local key = KEYS[2 + tonumber(ARGV[i])]
    local cell = 'final:' .. ARGV[i + 2] .. '|' .. ARGV[i + 3]
    difference = difference + count - tonumber(redis.call('HGET', key, cell) or 0)
    redis.call('HSET', key, cell, count)
    redis.call('EXPIRE', key, ttl)
    redis.call('ZADD', KEYS[2], minute, minute)
  end
end
redis.call('HINCRBY', KEYS[1], 'windowed', difference)
redis.call('EXPIRE', KEYS[1], ttl)
redis.call('EXPIRE', KEYS[2], ttl)
return difference

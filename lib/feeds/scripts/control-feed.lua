-- Pauses, resumes, cancels or retries a feed. Invariant: a feed is over only when each row that may be on the stream is
-- counted, so one that a producer may have sent rows of is told to end, and its runners end it; each action may be
-- repeated and then changes nothing. A recovery that failed is not tried again: others may have claimed its letters since.
--
-- KEYS  1 feed  2 ranges  3 trail  4 open feeds  5 running feeds
-- ARGV  1 pause, resume, cancel or retry  2 name  3 seconds that a feed is kept after its end  4 kind of the feed
-- Returns 'unknown', 'ok', or 'refused'.

local action = ARGV[1]
local state, wanted, started = unpack(redis.call('HMGET', KEYS[1], 'state', 'wanted', 'startedAt'))
if not state then return 'unknown' end
local going = (state == 'waiting' or state == 'running') and not wanted
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

if action == 'pause' then
  if going then
    redis.call('HSET', KEYS[1], 'state', 'paused')
    redis.call('ZREM', KEYS[5], ARGV[2])
  end
  return (going or state == 'paused') and 'ok' or 'refused'
end

if action == 'resume' then
  if state == 'paused' then
    redis.call('HSET', KEYS[1], 'state', started and 'running' or 'waiting')
    if started then redis.call('ZADD', KEYS[5], now, ARGV[2]) end
  end
  return (going or state == 'paused') and 'ok' or 'refused'
end

if action == 'cancel' then
  if state == 'cancelled' or wanted == 'cancelled' then return 'ok' end
  if wanted or not (going or state == 'paused') then return 'refused' end
  if state == 'running' or started then
    redis.call('HSET', KEYS[1], 'state', 'running', 'wanted', 'cancelled')
    redis.call('ZADD', KEYS[5], now, ARGV[2])
    return 'ok'
  end
  redis.call('HSET', KEYS[1], 'state', 'cancelled', 'finishedAt', now)
  redis.call('SREM', KEYS[4], ARGV[2])
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[3]) end
  return 'ok'
end

if going then return 'ok' end
if state ~= 'failed' or ARGV[4] == 'recovery' then return 'refused' end
for range = 0, tonumber(redis.call('HGET', KEYS[2], 'ranges') or 1) - 1 do
  if redis.call('HGET', KEYS[2], range .. ':done') == 'stopped' then redis.call('HDEL', KEYS[2], range .. ':done') end
end
redis.call('HSET', KEYS[1], 'state', 'waiting')
redis.call('HDEL', KEYS[1], 'wanted', 'message', 'finishedAt')
for i = 1, 3 do redis.call('PERSIST', KEYS[i]) end
redis.call('SADD', KEYS[4], ARGV[2])
return 'ok'

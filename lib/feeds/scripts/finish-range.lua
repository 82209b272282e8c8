-- Ends a range, and with the last one its feed. Invariants: only the holder of the current epoch ends it, once; the
-- first failure, or the request to end, decides how the feed ends, and the other ranges are told; with `repeat` the
-- next live feed exists from the same step on, unless another one has taken its place already.
--
-- KEYS  1 feed  2 ranges  3 trail  4 alias  5 index  6 open feeds  7 the live feed that would come next
--       8 running feeds
-- ARGV  1 range  2 epoch  3 finished, failed, or stopped: told to end before its end  4 message, may be empty
--       5 name of the feed  6 name of 7  7 '1' when the feed repeats  8 seconds that a feed is kept after its end
-- Returns { 'fenced' }, or { state of the feed, name of the next live feed or '' }.

local range, outcome, name = ARGV[1], ARGV[3], ARGV[5]
if redis.call('HGET', KEYS[2], range .. ':epoch') ~= ARGV[2] then return { 'fenced' } end
local state, wanted = unpack(redis.call('HMGET', KEYS[1], 'state', 'wanted'))
if state ~= 'running' and state ~= 'paused' then return { state or 'ended', '' } end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

redis.call('HSET', KEYS[2], range .. ':done', outcome == 'finished' and 'finished' or 'stopped')
if outcome == 'failed' and not wanted then
  wanted = 'failed'
  redis.call('HSET', KEYS[1], 'wanted', wanted, 'message', ARGV[4])
  -- A feed that is paused has ranges that nobody runs: they are to be ended too.
  redis.call('HSET', KEYS[1], 'state', 'running')
  redis.call('ZADD', KEYS[8], now, name)
  state = 'running'
end
for other = 0, tonumber(redis.call('HGET', KEYS[2], 'ranges') or 1) - 1 do
  if redis.call('HEXISTS', KEYS[2], other .. ':done') == 0 then return { state, '' } end
end

state = wanted or 'finished'
redis.call('HSET', KEYS[1], 'state', state, 'finishedAt', now)
redis.call('SREM', KEYS[6], name)
redis.call('ZREM', KEYS[8], name)

local following = ''
local isNewest = redis.call('GET', KEYS[4]) == name
if isNewest and state == 'finished' and ARGV[7] == '1' then
  following = ARGV[6]
  local plan = redis.call('HMGET', KEYS[1], 'plan', 'pace')
  redis.call('HSET', KEYS[7], 'plan', plan[1], 'pace', plan[2], 'state', 'waiting', 'createdAt', now)
  redis.call('ZADD', KEYS[5], now, following)
  redis.call('SADD', KEYS[6], following)
  redis.call('SET', KEYS[4], following)
  isNewest = false
end

-- The newest live feed stays: it is what a producer that starts with the same plan resumes, or finds finished.
if not isNewest then
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[8]) end
end
return { state, following }

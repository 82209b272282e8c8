-- Ends a feed. Invariant: only the holder of the current epoch ends it, once; with `repeat` the next live feed exists
-- from the same step on, unless another one has taken its place already.
--
-- KEYS  1 feed  2 range  3 trail  4 alias  5 index  6 the live feed that would come next
-- ARGV  1 epoch  2 state: finished, failed or ended  3 message, may be empty  4 name of the feed  5 name of 6
--       6 '1' when the feed repeats  7 seconds that a feed is kept after its end
-- Returns 'fenced', the name of the next live feed, or an empty string.

if redis.call('HGET', KEYS[2], 'epoch') ~= ARGV[1] then return 'fenced' end

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local isLive = redis.call('GET', KEYS[4]) == ARGV[4]
local following = ''

if redis.call('HGET', KEYS[1], 'state') == 'running' then
  redis.call('HSET', KEYS[1], 'state', ARGV[2], 'finishedAt', now)
  if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'message', ARGV[3]) end
  if isLive and ARGV[2] == 'finished' and ARGV[6] == '1' then
    following = ARGV[5]
    local plan = redis.call('HMGET', KEYS[1], 'plan', 'pace')
    redis.call('HSET', KEYS[6], 'plan', plan[1], 'pace', plan[2], 'state', 'waiting', 'createdAt', now)
    redis.call('ZADD', KEYS[5], now, following)
    redis.call('SET', KEYS[4], following)
    isLive = false
  end
end

-- The newest live feed stays: it is what a producer that starts with the same plan resumes, or finds finished.
if not isLive then
  for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[7]) end
end
return following

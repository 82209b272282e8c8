-- Records a feed that is to be executed, and claims the dead letters that it feeds in again. Invariants: a name stands for
-- one feed, the same call again changes nothing; a letter is in one feed at a time, so that it is not fed in twice under
-- one attempt; all of the wanted ones are claimed, or none and there is no feed. A claim ends with its feed, in the same
-- step: whoever dies before it is cleared away blocks nobody.
--
-- KEYS  1 feed  2 index  3 open feeds  4 letters that are claimed
-- ARGV  1 name  2 plan as JSON  3 pace as JSON, then the ids of the letters, if any
-- Returns the ids that other open feeds hold; none: the feed is there.

if redis.call('EXISTS', KEYS[1]) == 1 then return {} end
local held = {}
for i = 4, #ARGV do
  local holder = redis.call('HGET', KEYS[4], ARGV[i])
  if holder and redis.call('SISMEMBER', KEYS[3], holder) == 1 then held[#held + 1] = ARGV[i] end
end
if #held > 0 then return held end

for i = 4, #ARGV do redis.call('HSET', KEYS[4], ARGV[i], ARGV[1]) end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('HSET', KEYS[1], 'plan', ARGV[2], 'pace', ARGV[3], 'state', 'waiting', 'createdAt', now)
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('SADD', KEYS[3], ARGV[1])
return {}

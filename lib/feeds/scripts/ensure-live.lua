-- Makes sure that the newest live feed has the given plan. Invariant: at most one live feed has no successor, however
-- many producers start at once, and a superseded feed is told to end in the same step that creates its successor.
--
-- KEYS  1 alias  2 index  3 open feeds  4 the feed that the alias is believed to name  5 its ranges  6 its trail
--       7 the feed that would come next  8 running feeds
-- ARGV  1 name of 4, empty when there is none  2 name of 7  3 plan as JSON  4 pace as JSON, no part of the plan: another
--       one is taken over  5 seconds that a feed is kept after its end
-- Returns the name of the live feed, or an empty string when the alias had moved: read it again and repeat.

local believed, following, plan, pace, keep = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if (redis.call('GET', KEYS[1]) or '') ~= believed then return '' end

if believed ~= '' and redis.call('HGET', KEYS[4], 'plan') == plan then
  redis.call('HSET', KEYS[4], 'pace', pace)
  return believed
end

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

if believed ~= '' then
  local state = redis.call('HGET', KEYS[4], 'state')
  if state == 'running' or state == 'paused' then
    -- Its runners finish what is in flight first, so that its counts are exact.
    redis.call('HSETNX', KEYS[4], 'wanted', 'ended')
    redis.call('HSET', KEYS[4], 'state', 'running')
    redis.call('ZADD', KEYS[8], now, believed)
  else
    if state == 'waiting' then redis.call('HSET', KEYS[4], 'state', 'ended', 'finishedAt', now) end
    redis.call('SREM', KEYS[3], believed)
    for i = 4, 6 do redis.call('EXPIRE', KEYS[i], keep) end
  end
end

redis.call('HSET', KEYS[7], 'plan', plan, 'pace', pace, 'state', 'waiting', 'createdAt', now)
redis.call('ZADD', KEYS[2], now, following)
redis.call('SADD', KEYS[3], following)
redis.call('SET', KEYS[1], following)
return following

-- Takes over that surges of one feed have started, or that they are over.
--
-- Invariant: an area has at most one open surge, the newest that was heard of in it, and none that is over is opened
-- again, however often and in whatever order its events come: a start counts only when it is newer than all that the
-- area had. Areas are remembered beyond the surges that are listed, and the areas with the oldest surge are forgotten
-- first, so a start that comes again after its area was forgotten is forgotten with it at once.
--
-- KEYS surges ends areas
-- ARGV ttlSeconds maxEnded maxAreas { area startedAt endedAt(or empty) json }...

local ttl, max_ended, max_areas = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local function drop_if_open(area, started_at)
  local surge = area .. '|' .. started_at
  if not redis.call('ZSCORE', KEYS[2], surge) then redis.call('HDEL', KEYS[1], surge) end
end

for i = 4, #ARGV, 4 do
  local area, started_at, ended_at, json = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local surge = area .. '|' .. started_at
  local newest = redis.call('ZSCORE', KEYS[3], area)
  local is_newer = not newest or tonumber(started_at) > tonumber(newest)
  if is_newer then
    if newest then drop_if_open(area, newest) end
    redis.call('ZADD', KEYS[3], started_at, area)
  end
  if ended_at ~= '' then
    redis.call('ZADD', KEYS[2], ended_at, surge)
    redis.call('HSET', KEYS[1], surge, json)
  elseif is_newer and not redis.call('ZSCORE', KEYS[2], surge) then
    redis.call('HSET', KEYS[1], surge, json)
  end
end

local forgotten = redis.call('ZRANGE', KEYS[3], 0, -(max_areas + 1), 'WITHSCORES')
for i = 1, #forgotten, 2 do
  drop_if_open(forgotten[i], forgotten[i + 1])
  redis.call('ZREM', KEYS[3], forgotten[i])
end
for _, surge in ipairs(redis.call('ZRANGE', KEYS[2], 0, -(max_ended + 1))) do
  redis.call('HDEL', KEYS[1], surge)
  redis.call('ZREM', KEYS[2], surge)
end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ttl) end

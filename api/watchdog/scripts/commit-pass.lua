-- Writes what one pass of the watchdog has decided, and what is to be told of it.
--
-- Invariant: only (owner, epoch) writes. Memory, incidents and outbox change together or not at all, so that an incident
-- is never decided without being told, nor told without being decided. A publication that is in the outbox, or was, is
-- never put there again; one that was only noted as suppressed can still come to be told.
-- Closed incidents are the last `maxClosed` of `keepMs`; their publications go with them.
--
-- KEYS lease memory open closed past publications outbox
-- ARGV owner epoch now(server ms at which the pass began) memory keepMs maxClosed
--      { `open` id json 0 | `close` id json closedAt | `publish` dedupId json order | `note` dedupId json 0 }...
-- Returns 1, or 0 when another one watches

local lease_key, memory_key, open_key, closed_key, past_key, publications_key, outbox_key =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local now, keep_ms, max_closed = tonumber(ARGV[3]), tonumber(ARGV[5]), tonumber(ARGV[6])

if redis.call('HGET', lease_key, 'owner') ~= ARGV[1] or redis.call('HGET', lease_key, 'epoch') ~= ARGV[2] then
  return 0
end
redis.call('HSET', lease_key, 'passedAt', ARGV[3])
redis.call('SET', memory_key, ARGV[4], 'PX', keep_ms)

for i = 7, #ARGV, 4 do
  local verb, id, json, order = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if verb == 'open' then
    redis.call('HSET', open_key, id, json)
  elseif verb == 'close' then
    redis.call('HDEL', open_key, id)
    redis.call('HSET', past_key, id, json)
    redis.call('ZADD', closed_key, order, id)
  elseif verb == 'publish' then
    local existing = redis.call('HGET', publications_key, id)
    if not existing or cjson.decode(existing).state == 'suppressed' then
      redis.call('HSET', publications_key, id, json)
      redis.call('ZADD', outbox_key, order, id)
    end
  else
    redis.call('HSETNX', publications_key, id, json)
  end
end

local function forget(id)
  redis.call('ZREM', closed_key, id)
  redis.call('HDEL', past_key, id)
  for _, event in ipairs({ '.opened', '.closed' }) do
    redis.call('HDEL', publications_key, id .. event)
    redis.call('ZREM', outbox_key, id .. event)
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', closed_key, '-inf', string.format('%.0f', now - keep_ms))) do forget(id) end
for _, id in ipairs(redis.call('ZRANGE', closed_key, 0, -(max_closed + 1))) do forget(id) end
redis.call('PEXPIRE', closed_key, keep_ms)
redis.call('PEXPIRE', past_key, keep_ms)
return 1

-- Takes or keeps the watch: one api is active at a time.
--
-- Invariant: the watch has one owner, who renews it before it runs out; every change of owner raises the epoch to
-- max(stored + 1, server ms), so that an epoch is never used twice. One that ran out and that nobody has taken is still
-- its owner's, under the same epoch.
--
-- KEYS lease
-- ARGV owner ttlMs
-- Returns { epoch (0 when another one watches), server ms }

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'expiresAt')
local owner, epoch, expires_at = lease[1], tonumber(lease[2] or 0), tonumber(lease[3] or 0)

if owner ~= ARGV[1] then
  if owner and expires_at > now then return { '0', string.format('%.0f', now) } end
  epoch = math.max(epoch + 1, now)
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', string.format('%.0f', epoch),
  'expiresAt', string.format('%.0f', now + ARGV[2]))
return { string.format('%.0f', epoch), string.format('%.0f', now) }

-- Announces that leases are to pass to another worker: their owner finishes what it has in hand and releases them, and
-- until then goes on renewing.
--
-- Invariants: only (owner, epoch) hands a lease off, and only to a live worker. The deadline is kept here, by this clock:
-- whatever becomes of the owner or the heir, after it the lease is not bound to this handoff any more.
--
-- KEYS owners epochs workers handoffs
-- ARGV worker deadlineMs { shard epoch heir }...
-- Returns the shards whose handoff was announced.

local worker = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local deadline = string.format('%.0f', now + tonumber(ARGV[2]))

local announced = {}
for i = 3, #ARGV, 3 do
  local shard, epoch, heir = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local is_owner = redis.call('HGET', KEYS[1], shard) == worker and redis.call('HGET', KEYS[2], shard) == epoch
  local heir_leaves_at = tonumber(redis.call('ZSCORE', KEYS[3], heir) or 0)
  if is_owner and heir ~= worker and heir_leaves_at > now and redis.call('HEXISTS', KEYS[4], shard) == 0 then
    redis.call('HSET', KEYS[4], shard, deadline .. ' ' .. heir)
    table.insert(announced, shard)
  end
end
return announced

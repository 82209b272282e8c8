-- Records that a publication is being tried, or what became of it.
--
-- Invariant: only (owner, epoch) writes, and only what is still in the outbox: what SNS has taken stays taken. A try is
-- recorded before the call, so that whoever is no longer on watch does not make it.
--
-- KEYS lease publications outbox
-- ARGV owner epoch dedupId json outcome(`tried` or `taken`)
-- Returns 1, or 0 when there is nothing to be told any more, or by somebody else

if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then
  return 0
end
if not redis.call('ZSCORE', KEYS[3], ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
if ARGV[5] == 'taken' then redis.call('ZREM', KEYS[3], ARGV[3]) end
return 1

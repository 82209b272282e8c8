-- Gives the watch up, so that another api has it at once.
--
-- Invariant: only its owner ends it, and the epoch stays, so that the next one is higher.
--
-- KEYS lease
-- ARGV owner epoch

if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] and redis.call('HGET', KEYS[1], 'epoch') == ARGV[2] then
  redis.call('HDEL', KEYS[1], 'owner', 'expiresAt')
end

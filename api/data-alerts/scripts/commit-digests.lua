-- Writes what one look at the data has taken in, and the digests that are to be told of it.
--
-- Invariant: only the api that is on watch, (owner, epoch), writes; what was taken in and what is to be told of it change
-- together. At most `maxWaiting` digests wait, the newest.
--
-- KEYS lease state waiting
-- ARGV owner epoch keepMs maxWaiting state digest...
-- Returns 1, or 0 when another api watches

if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[2] then
  return 0
end
redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[3])
for i = 6, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[i]) end
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[4]), -1)
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return 1

-- Clears away a part of what a recovery held. Invariant: what another recovery has claimed since stays.
--
-- KEYS  1 letters that are claimed
-- ARGV  1 name of the recovery  2 cursor, 0 to begin with  3 about how many entries are looked at
-- Returns the cursor to go on with; 0: that was the last part.

local reply = redis.call('HSCAN', KEYS[1], ARGV[2], 'COUNT', ARGV[3])
local entries = reply[2]
for i = 1, #entries, 2 do
  if entries[i + 1] == ARGV[1] then redis.call('HDEL', KEYS[1], entries[i]) end
end
return reply[1]

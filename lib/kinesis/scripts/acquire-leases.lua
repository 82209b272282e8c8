-- Gives a worker the leases that it may take now: expired or unowned, both parents at their end, up to its share.
--
-- Invariants: a lease has one owner; every change of owner raises its epoch to max(stored + 1, server ms), so that an
-- epoch is never used twice, also after a failover that lost an increment. A lease that is owned in this worker's
-- name but is not among those it says it holds (a lost reply, a restart under the same name) is taken anew.
--
-- Shares are by count: no worker takes more than the floor of the average while another has less than that, and none
-- more than the ceiling. What has been unowned for longer than a time to live is taken whatever the share is.
--
-- KEYS owners epochs expiries checkpoints parents workers
-- ARGV worker ttlMs heldShard...
-- Returns { leases in the table, those not at SHARD_END that are owned or could be,
--           { leases of each other live worker }, { shard, epoch, checkpoint, ... acquired } }

local owners_key, epochs_key, expiries_key = KEYS[1], KEYS[2], KEYS[3]
local worker, ttl = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function to_table(flat)
  local result = {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end

local owners = to_table(redis.call('HGETALL', owners_key))
local epochs = to_table(redis.call('HGETALL', epochs_key))
local expiries = to_table(redis.call('ZRANGE', expiries_key, 0, -1, 'WITHSCORES'))
local checkpoints = to_table(redis.call('HGETALL', KEYS[4]))
local parents = to_table(redis.call('HGETALL', KEYS[5]))
local held = {}
for i = 3, #ARGV do held[ARGV[i]] = true end

-- A parent without a lease had left the stream when its child's lease was made.
local function parents_have_ended(shard)
  for parent in string.gmatch(parents[shard] or '', '[^,]+') do
    if checkpoints[parent] and checkpoints[parent] ~= 'SHARD_END' then return false end
  end
  return true
end

local total, active = 0, 0
local counts, candidates = { [worker] = 0 }, {}
for shard, checkpoint in pairs(checkpoints) do
  total = total + 1
  if checkpoint ~= 'SHARD_END' then
    local owner, expiry = owners[shard], tonumber(expiries[shard] or 0)
    local is_taken = owner and expiry > now
    if owner == worker then is_taken = held[shard] end
    if is_taken then
      active = active + 1
      counts[owner] = (counts[owner] or 0) + 1
    elseif parents_have_ended(shard) then
      active = active + 1
      table.insert(candidates, { shard = shard, expiry = expiry })
    end
  end
end

local live, others = 1, {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[6], '(' .. string.format('%.0f', now), '+inf')) do
  if name ~= worker then
    live = live + 1
    table.insert(others, counts[name] or 0)
  end
end
local floor_share, share = math.floor(active / live), math.ceil(active / live)
for _, count in ipairs(others) do
  if count < floor_share then share = floor_share end
end

table.sort(candidates, function(a, b)
  if a.expiry ~= b.expiry then return a.expiry < b.expiry end
  return a.shard < b.shard
end)
local acquired = {}
for _, candidate in ipairs(candidates) do
  local shard = candidate.shard
  if counts[worker] < share or candidate.expiry <= now - ttl then
    counts[worker] = counts[worker] + 1
    local epoch = string.format('%.0f', math.max((tonumber(epochs[shard]) or 0) + 1, now))
    redis.call('HSET', owners_key, shard, worker)
    redis.call('HSET', epochs_key, shard, epoch)
    redis.call('ZADD', expiries_key, string.format('%.0f', now + ttl), shard)
    table.insert(acquired, shard)
    table.insert(acquired, epoch)
    table.insert(acquired, checkpoints[shard])
  end
end
return { total, active, others, acquired }

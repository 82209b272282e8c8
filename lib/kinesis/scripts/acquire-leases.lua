-- Gives a worker the leases that it may take now: expired or unowned, both parents at their end, up to its share; and
-- those that are handed off to it.
--
-- Invariants: a lease has one owner; every change of owner raises its epoch to max(stored + 1, server ms), so that an
-- epoch is never used twice, also after a failover that lost an increment. A lease that is owned in this worker's
-- name but is not among those it says it holds (a lost reply, a restart under the same name) is taken anew.
--
-- Shares are by count: no worker takes more than the floor of the average while another has less than that, and none
-- more than the ceiling. What has been unowned for longer than a time to live is taken whatever the share is.
--
-- A lease that is handed off waits for its heir while that one lives, until the deadline. After it the heir takes it
-- although its owner still renews, and when the heir is gone anybody does: no handoff can get stuck. Its owner has known
-- the deadline since its last renewal and starts nothing after it.
--
-- KEYS owners epochs expiries checkpoints parents workers handoffs moves
-- ARGV worker ttlMs heldShard...
-- Returns { leases in the table, { shard, epoch, checkpoint, ... acquired },
--   { shards of these that another worker had let run out, ... } }

local owners_key, epochs_key, expiries_key, handoffs_key, moves_key = KEYS[1], KEYS[2], KEYS[3], KEYS[7], KEYS[8]
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
local handoffs = to_table(redis.call('HGETALL', handoffs_key))
local held = {}
for i = 3, #ARGV do held[ARGV[i]] = true end

local live, live_count = { [worker] = true }, 1
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[6], '(' .. string.format('%.0f', now), '+inf')) do
  if name ~= worker then
    live[name] = true
    live_count = live_count + 1
  end
end

-- A parent without a lease had left the stream when its child's lease was made.
local function parents_have_ended(shard)
  for parent in string.gmatch(parents[shard] or '', '[^,]+') do
    if checkpoints[parent] and checkpoints[parent] ~= 'SHARD_END' then return false end
  end
  return true
end

-- The worker that the lease is kept for, nil when for nobody; and whether its owner has had its time.
local function heir_of(shard)
  if not handoffs[shard] then return nil, false end
  local deadline, heir = string.match(handoffs[shard], '^(%d+) (.*)$')
  return live[heir] and heir or nil, tonumber(deadline) <= now
end

local total, active = 0, 0
local counts, candidates = { [worker] = 0 }, {}
local function count(name)
  active = active + 1
  counts[name] = (counts[name] or 0) + 1
end
for shard, checkpoint in pairs(checkpoints) do
  total = total + 1
  if checkpoint ~= 'SHARD_END' then
    local owner, expiry = owners[shard], tonumber(expiries[shard] or 0)
    local is_taken = owner and expiry > now
    if owner == worker then is_taken = held[shard] end
    local heir, is_overdue = heir_of(shard)
    if is_taken and is_overdue and owner ~= worker and (heir == worker or not heir) then is_taken = false end
    if is_taken then
      count(heir or owner)
    elseif heir and heir ~= worker and not is_overdue then
      count(heir)
    elseif parents_have_ended(shard) then
      active = active + 1
      table.insert(candidates, { shard = shard, expiry = expiry, is_mine = heir == worker })
    end
  end
end

local floor_share, share = math.floor(active / live_count), math.ceil(active / live_count)
for name in pairs(live) do
  if name ~= worker and (counts[name] or 0) < floor_share then share = floor_share end
end

table.sort(candidates, function(a, b)
  if a.is_mine ~= b.is_mine then return a.is_mine end
  if a.expiry ~= b.expiry then return a.expiry < b.expiry end
  return a.shard < b.shard
end)
local acquired, taken_over = {}, {}
for _, candidate in ipairs(candidates) do
  local shard = candidate.shard
  if candidate.is_mine or counts[worker] < share or candidate.expiry <= now - ttl then
    counts[worker] = counts[worker] + 1
    if owners[shard] and owners[shard] ~= worker and not candidate.is_mine then table.insert(taken_over, shard) end
    local epoch = string.format('%.0f', math.max((tonumber(epochs[shard]) or 0) + 1, now))
    redis.call('HSET', owners_key, shard, worker)
    redis.call('HSET', epochs_key, shard, epoch)
    redis.call('ZADD', expiries_key, string.format('%.0f', now + ttl), shard)
    redis.call('HDEL', handoffs_key, shard)
    if candidate.is_mine then
      redis.call('HSET', moves_key, shard, string.format('%.0f', now))
    else
      redis.call('HDEL', moves_key, shard)
    end
    table.insert(acquired, shard)
    table.insert(acquired, epoch)
    table.insert(acquired, checkpoints[shard])
  end
end
return { total, acquired, taken_over }

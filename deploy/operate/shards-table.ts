import type { ShardRow } from '../../lib/kinesis/shard-table.ts'

const COLUMNS = ['shard', 'parents', 'owner', 'epoch', 'checkpoint', 'age', 'behind', 'load'] as const

/** The leases of an application for a terminal, a line each. `now`: epoch ms. */
export function renderShards(rows: readonly ShardRow[], now: number): string {
  const cells = rows.map((row) => [
    row.shardId,
    row.parents.length === 0 ? '-' : row.parents.join(','),
    renderOwner(row),
    row.epoch === 0 ? '-' : `${row.epoch}`,
    row.checkpoint,
    row.checkpointAt === undefined ? '-' : renderDuration(now - row.checkpointAt),
    row.msBehindLatest === undefined ? '-' : renderDuration(row.msBehindLatest),
    row.bytesPerSecond === undefined ? '-' : `${(row.bytesPerSecond / 1_000).toFixed(1)} kB/s`,
  ])
  const table = [[...COLUMNS], ...cells]
  const widths = COLUMNS.map((_column, i) => Math.max(...table.map((line) => line[i]?.length ?? 0)))
  return table
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** `a`, or `a -> b` while a hands it off to b. */
function renderOwner({ owner, heir, checkpoint }: ShardRow): string {
  if (owner === undefined) return checkpoint === 'SHARD_END' ? '-' : 'NOBODY'
  return heir === undefined ? owner : `${owner} -> ${heir}`
}

/** `0.2 s`, `3 min`, `5 h`, `2 d`. */
function renderDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`
  if (seconds < 360_000) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

import type { Definition } from '../../lib/process/metrics/definition.ts'

/** What prom-client collects by itself in every process, as far as a panel shows it. */
export const NODE_METRICS = {
  process_cpu_seconds_total: { type: 'counter', unit: 'seconds', help: 'time of the CPU', labels: {} },
  process_start_time_seconds: { type: 'gauge', unit: 'seconds', help: 'start, as a Unix time', labels: {} },
  process_resident_memory_bytes: { type: 'gauge', unit: 'bytes', help: 'memory', labels: {} },
  process_open_fds: { type: 'gauge', help: 'open files and sockets', labels: {} },
  nodejs_heap_size_used_bytes: { type: 'gauge', unit: 'bytes', help: 'heap in use', labels: {} },
  nodejs_eventloop_lag_p99_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'delay of the event loop since the last scrape',
    labels: {},
  },
  nodejs_gc_duration_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'pauses for garbage collection',
    labels: { kind: ['major', 'minor', 'incremental', 'weakcb'] },
  },
} as const satisfies Record<string, Definition>

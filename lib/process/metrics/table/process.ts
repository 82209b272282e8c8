import { COMMAND_SECONDS } from '../buckets.ts'
import type { Group } from '../definition.ts'

/** What every process has, besides what prom-client collects by itself (memory, CPU, garbage, handles, loop delay). */
export const processMetrics = {
  title: 'Every process',
  from: ['producer', 'consumer', 'api'],
  metrics: {
    build_info: {
      type: 'gauge',
      help: '1; what runs. A deployment shows as a new version, and as a new process_start_time_seconds',
      labels: {
        service: { atMost: 1, what: 'producer, consumer, api or firehose' },
        version: { atMost: 1, what: 'version of the package' },
        node_version: { atMost: 1, what: 'version of Node' },
      },
      series: { atOnce: 1, aDay: 1 },
    },
    worker_state: {
      type: 'gauge',
      help: '1 for the state that the process is in, 0 for the other one: who starts or has stopped answers nobody',
      labels: { state: ['running', 'draining'] },
    },
    nodejs_eventloop_utilization_ratio: {
      type: 'gauge',
      unit: 'ratio',
      help: 'share of the last five seconds that the event loop was busy',
      labels: {},
    },
    redis_command_duration_seconds: {
      type: 'histogram',
      unit: 'seconds',
      help: 'time from a command of the main connection to its answer, with what it waited for a connection',
      labels: { command: ['read', 'write', 'script'] },
      buckets: COMMAND_SECONDS,
    },
    redis_command_failures_total: {
      type: 'counter',
      help: 'commands of the main connection that Redis refused or that were given up',
      labels: { command: ['read', 'write', 'script'] },
    },
    redis_commands_waiting: {
      type: 'gauge',
      help: 'commands of the main connection that have no answer yet',
      labels: {},
    },
    redis_reconnects_total: {
      type: 'counter',
      help: 'tries to connect to Redis again after the connection was lost',
      labels: {},
    },
  },
} as const satisfies Group

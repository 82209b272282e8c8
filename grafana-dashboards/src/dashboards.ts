import { aws } from './aws.ts'
import { consumers } from './consumers.ts'
import type { CloudWatchTarget, Dashboard } from './dashboard.ts'
import { fleet } from './fleet.ts'
import { flink } from './flink.ts'
import { pipeline } from './pipeline.ts'
import { producersAndFeeds } from './producers-and-feeds.ts'
import { roadsNow } from './roads-now.ts'
import { roadsNowCloudWatch } from './roads-now-cloudwatch.ts'

/** Those that ask Prometheus. */
export const DASHBOARDS: readonly Dashboard[] = [
  roadsNow,
  pipeline,
  producersAndFeeds,
  flink,
  consumers,
  fleet,
]

/** Those that ask CloudWatch, for where there is no Prometheus, and for what only AWS knows. */
export const CLOUDWATCH_DASHBOARDS: readonly Dashboard<CloudWatchTarget>[] = [roadsNowCloudWatch, aws]

import type { FEED_KIND } from './labels.ts'

/** What a feed counts as in metrics: a live one, or one of everything else. */
export function feedKindOf(feed: string): (typeof FEED_KIND)[number] {
  return feed.startsWith('live-') ? 'live' : 'replay'
}

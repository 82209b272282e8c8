// The first thing that people see: whether it is well, whether they would be told, and the figures of the live feed.

import { describeLast, describeTelling } from '../incidents/incident-words.js'
import { formatCount, formatPercent, formatRate } from '../shell/format.js'
import { setTag, setText } from '../shell/rows.js'
import { describeStatus } from './status.js'

/** @param {(id: string) => HTMLElement} at */
export function createOverviewView(at) {
  function showFigures(feed) {
    setText(at('feed-name'), feed.feed)
    setTag(at('feed-state'), feed.state ?? 'unknown', feed.state === 'failed' ? 'bad' : '')
    setText(at('rows-in'), formatRate(feed.emittedPerSecond))
    setText(at('events-out'), formatRate(feed.receivedPerSecond))
    setText(at('accidents-total'), formatCount(feed.received.accident))
    setText(at('late-total'), formatCount(feed.received.accidentLate))
    setText(at('repeated-total'), formatCount(feed.repeated))
    const bad = feed.refused + feed.rejected
    setText(at('bad-total'), formatCount(bad))
    setText(at('bad-share'), feed.read === 0 ? '' : `${formatPercent(bad / feed.read)} of read`)
  }

  return {
    /** @param {{ feed: any, fleet: any, incidents: any }} state */
    update(state) {
      const { level, text } = describeStatus(state)
      at('health').dataset.level = level
      setText(at('status'), text)
      // What the title of a tab in the background says.
      document.title = level === 'good' || level === 'idle' ? 'Roadpulse' : `(!) ${text} – Roadpulse`
      setText(at('status-more'), level === 'good' ? describeLast(state.incidents) : '')
      const telling = describeTelling(state.incidents?.telling)
      at('telling').hidden = telling === undefined
      at('telling').dataset.level = telling?.level ?? ''
      setText(at('telling'), telling?.text ?? '')
      if (state.feed !== undefined) showFigures(state.feed)
    },
  }
}

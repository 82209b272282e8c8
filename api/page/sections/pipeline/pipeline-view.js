// The stages, and the laws that say whether anything is lost between them.

import { setTag, updateRows } from '../shell/rows.js'
import { describeSettlement, describeWatermark, lawRows } from './laws.js'
import { createStagesView } from './stages-view.js'

/** @param {(id: string) => HTMLElement} at */
export function createPipelineView(at) {
  const stages = createStagesView(at('stages'))

  return {
    /** @param {{ asOf: string | undefined, feed: any, fleet: any, incidents: any }} state */
    update({ asOf, feed, fleet, incidents }) {
      if (feed === undefined || fleet === undefined || asOf === undefined) return
      stages.update({ feed, fleet, incidents, asOf })
      const { text, level } = describeSettlement(feed)
      setTag(at('settled'), text, level)
      updateRows(at('laws-rows'), lawRows(feed), { columns: ['', '', '', 'number'] })
      at('watermark').textContent = describeWatermark(feed.watermark, asOf)
    },
  }
}

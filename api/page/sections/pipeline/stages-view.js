// The stages in a row, in the order in which a row goes through them.

import { element } from '../shell/rows.js'
import { createRates } from './rates.js'
import { countsOf, describeStages } from './stages.js'

/** @param {HTMLElement} list */
export function createStagesView(list) {
  const rates = createRates()

  return {
    /** @param {{ feed: any, fleet: any, incidents: any, asOf: string }} state */
    update({ feed, fleet, incidents, asOf }) {
      rates.add(feed.feed, Date.parse(asOf), countsOf(feed, fleet))
      const stages = describeStages({ feed, fleet, incidents, perSecond: (count) => rates.perSecond(count) })
      stages.forEach((stage, i) => {
        const item = stageItem(stage)
        const shown = list.children[i]
        if (shown === undefined) list.append(item)
        else if (!shown.isEqualNode(item)) shown.replaceWith(item)
      })
    },
  }
}

function stageItem({ id, name, kind, figure, unit, facts, remark }) {
  return element(
    'li',
    { class: 'stage', 'data-stage': id, 'data-kind': kind, 'data-level': remark.level },
    element('h3', {}, name),
    element('p', { class: 'stage-figure' }, element('b', {}, figure), ' ', element('small', {}, unit)),
    ...facts.map((fact) => element('p', { class: 'stage-fact' }, fact)),
    element('p', { class: 'stage-remark' }, remark.text),
  )
}

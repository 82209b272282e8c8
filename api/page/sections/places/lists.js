// Rows of the lists of accidents and of rejected records.

import { formatClock, formatCount } from '../shell/format.js'
import { element } from '../shell/rows.js'

export function accidentRow(accident) {
  const place = [accident.city, accident.state].filter((part) => part !== null).join(', ')
  const street = accident.street === null ? '' : ` · ${accident.street.trim()}`
  return {
    key: accident.id,
    cells: [
      element(
        'span',
        { class: 'severity', title: `severity ${accident.severity}` },
        element('span', { class: 'mark', 'data-severity': String(accident.severity) }),
        String(accident.severity),
      ),
      formatClock(accident.eventTime),
      element(
        'div',
        {},
        element('span', { class: 'place' }, place),
        street,
        ...plantedLabels(accident.description),
        ...(accident.late ? [element('span', { class: 'tag', 'data-level': 'warn' }, 'late')] : []),
        element('span', { class: 'description' }, accident.description ?? ''),
      ),
    ],
  }
}

/** The demo's generator labels what it plants: [surge 3]. */
function plantedLabels(description) {
  const labels = [...(description ?? '').matchAll(/\[(surge \d+)\]/g)]
  return labels.map(([, label]) => element('span', { class: 'tag', 'data-level': 'planted' }, label))
}

export function rejectionRow(rejection) {
  return {
    key: rejection.id,
    cells: [
      rejection.seq === null ? '–' : `row ${formatCount(rejection.seq)}`,
      formatClock(rejection.arrivedAt),
      element(
        'div',
        {},
        element('span', { class: 'place' }, rejection.reasons.join(', ')),
        element('span', { class: 'description mono' }, rejection.excerpt),
      ),
    ],
  }
}

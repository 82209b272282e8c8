// Rows of the incidents.

import { formatDuration, formatMoment } from '../shell/format.js'
import { element } from '../shell/rows.js'
import { describePublication, isSafeLink, nameOfKind } from './incident-words.js'

/** @param {any} incident @param {number} now epoch ms */
export function incidentRow(incident, now) {
  const isOpen = incident.state === 'open'
  const isExplained = incident.suppressedBy !== null
  return {
    key: incident.id,
    className: isOpen && !isExplained ? '' : 'faded',
    cells: [
      element(
        'span',
        { class: 'tag', 'data-level': levelOf(incident, isOpen) },
        isOpen ? incident.severity : 'over',
      ),
      element(
        'div',
        {},
        element('span', { class: 'place' }, nameOfKind(incident.kind)),
        ` · ${incident.service}`,
        element('span', { class: 'summary' }, incident.summary),
        ...describeDetails(incident),
        ...(isSafeLink(incident.runbook)
          ? [
              element(
                'a',
                { href: incident.runbook },
                `What to do: ${nameOfKind(incident.kind).toLowerCase()}`,
              ),
            ]
          : []),
      ),
      describeTimes(incident, isOpen, now),
      element('ul', { class: 'plain' }, ...incident.publications.map(publicationItem)),
    ],
  }
}

const levelOf = ({ severity }, isOpen) => (!isOpen ? '' : severity === 'critical' ? 'bad' : 'warn')

function describeDetails({ workers, details, suppressedBy }) {
  const parts = [
    ...(workers.length === 0 ? [] : [`About ${workers.join(', ')}`]),
    ...Object.entries(details).map(([name, value]) => `${name} ${value}`),
    ...(suppressedBy === null ? [] : [`explained by ${suppressedBy}`]),
  ]
  return parts.length === 0 ? [] : [element('span', { class: 'description' }, parts.join(' · '))]
}

function describeTimes({ openedAt, closedAt }, isOpen, now) {
  const end = isOpen || closedAt === null ? now : Date.parse(closedAt)
  return element(
    'span',
    {},
    element('time', { datetime: openedAt }, formatMoment(openedAt)),
    element('span', { class: 'soft' }, ` for ${formatDuration(Math.max(end - Date.parse(openedAt), 0))}`),
  )
}

function publicationItem(publication) {
  const { level, text, title } = describePublication(publication)
  return element('li', { class: level, title }, text)
}

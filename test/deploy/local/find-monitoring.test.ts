import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { findMonitoring } from '../../../deploy/local/find-monitoring.ts'

/** A machine on which there are these programs, all of them on the path. */
function findOn(t: Test, programs: readonly string[], unpacked = false) {
  const machine = t.testdir()
  for (const program of programs) {
    mkdirSync(dirname(`${machine}/${program}`), { recursive: true })
    writeFileSync(`${machine}/${program}`, '')
    chmodSync(`${machine}/${program}`, 0o755)
  }
  if (unpacked) mkdirSync(`${machine}/unpacked`)
  const notices: string[] = []
  const found = findMonitoring({
    path: `${machine}/nowhere:${machine}/usr/bin`,
    folder: `${machine}/unpacked`,
    onNotice: (message) => notices.push(message),
  })
  return { machine, found, notices }
}

t.test('what is missing is not said, or what is there is not used', (t) => {
  const both = findOn(t, [
    'usr/bin/prometheus',
    'usr/bin/promtool',
    'usr/bin/grafana',
    'usr/conf/defaults.ini',
  ])
  t.strictSame(both.notices, [])
  t.strictSame(both.found, {
    prometheus: {
      server: `${both.machine}/usr/bin/prometheus`,
      promtool: `${both.machine}/usr/bin/promtool`,
    },
    grafana: {
      program: `${both.machine}/usr/bin/grafana`,
      args: ['server', '--homepath', `${both.machine}/usr`],
    },
  })
  t.end()
})

t.test('without Grafana there is nothing at all, or nobody says why there are no dashboards', (t) => {
  const { machine, found, notices } = findOn(t, [], true)
  t.match(notices, [/^no Grafana is here, so Prometheus alone: put a Grafana server on the PATH/])
  t.match(found, {
    prometheus: {
      server: `${machine}/unpacked/usr/bin/prometheus`,
      pages: `${machine}/unpacked/usr/share/prometheus/web`,
    },
    grafana: undefined,
  })
  t.end()
})

t.test('without Prometheus the demo does not say what to install', (t) => {
  t.match(findOn(t, []).notices, [/^no Prometheus is here.* install Prometheus .*, and put a Grafana server/])
  const { found, notices } = findOn(t, ['usr/bin/grafana-server'])
  t.equal(found, undefined)
  t.equal(notices.length, 1)
  t.notMatch(notices[0], 'Grafana server')
  t.end()
})

t.test('an older Grafana is started by a command that it does not know', (t) => {
  const { found } = findOn(t, [
    'usr/bin/prometheus',
    'usr/bin/promtool',
    'usr/bin/grafana-server',
    'usr/share/grafana/conf/defaults.ini',
  ])
  t.match(found?.grafana?.args, ['--homepath', /\/usr\/share\/grafana$/])
  t.end()
})

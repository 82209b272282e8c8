import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Incident } from '../../api/watchdog/incident.ts'
import type { IncidentBoard } from '../../api/watchdog/incident-board.ts'
import { buildFakeApp, FakeSnapshots, fakeSnapshot, NOW, receivedAccident } from './fake-app.ts'
import { createMemorySessions } from './memory-sessions.ts'

export type ServedApp = {
  address: string
  /** Sends one accident more to all that listen, and these incidents from now on. */
  publish(board?: IncidentBoard): void
  /** What is listed of incidents beyond those. */
  older: Incident[]
  /** Ends every session, as eight hours that have passed would. */
  expire(): void
}

/** The api's own app over fakes, on a port, for a browser. `tokens`: API_TOKENS; without it nobody has to sign in. */
export async function serveApp(t: Test, tokens?: string): Promise<ServedApp> {
  const snapshots = new FakeSnapshots(fakeSnapshot([receivedAccident(1)]))
  const { sessions, ...store } = createMemorySessions()
  const older: Incident[] = []
  const app = await buildFakeApp(t, {
    snapshots,
    sessions: store,
    ...(tokens === undefined ? {} : { tokens }),
    incidents: { list: async () => ({ items: older, nextCursor: null }) },
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  let accidents = 1
  let { incidents } = fakeSnapshot()
  return {
    address: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    older,
    publish(board) {
      incidents = board ?? incidents
      accidents++
      const received = Array.from({ length: accidents }, (_, i) => receivedAccident(i + 1))
      snapshots.publish({ ...fakeSnapshot(received), at: NOW + accidents * 1_000, incidents })
    },
    expire() {
      sessions.clear()
      app.server.closeAllConnections()
    },
  }
}

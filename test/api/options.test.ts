import t from 'tap'
import { assertLoopback } from '../../api/options.ts'

t.test('without access tokens the api refuses every address but those of this machine', async (t) => {
  for (const host of ['127.0.0.1', '127.8.0.1', '::1', 'localhost'])
    t.doesNotThrow(() => assertLoopback(host, false), host)
  for (const host of ['0.0.0.0', '::', '10.0.0.5', '192.168.1.2', 'example.org', '127.evil.example']) {
    t.throws(() => assertLoopback(host, false), { code: 'CONFIGURATION' }, host)
  }
})

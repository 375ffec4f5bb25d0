import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { createTestDatabase } from '../database.ts'

/** `npm run rolling-update` as a person types it, but shorter. */
async function rollingUpdate(t: Test, ...options: string[]) {
  const { url } = await createTestDatabase(t)
  const child = spawn('npm', ['run', '--silent', 'rolling-update', '--', '--database', url, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [[code], out, err] = await Promise.all([once(child, 'exit'), text(child.stdout), text(child.stderr)])
  const count = (name: string) => Number(new RegExp(`^  ${name} +(\\d+)`, 'm').exec(out)?.[1])
  return { code, out, err, requests: count('requests'), failures: count('failures'), exchanged: count('copies exchanged') }
}

t.test('two copies are exchanged in turn under load without a failed request', async (t) => {
  const { code, out, err, requests, failures, exchanged } = await rollingUpdate(t, '--exchanges', '2', '--delay', '2', '--check-every', '0.25')
  t.same({ code, failures, exchanged }, { code: 0, failures: 0, exchanged: 2 }, out + err)
  t.ok(requests >= 80, `${requests} requests, from before the first is stopped until the second is back`)
})

t.test('a copy that is gone before the proxy looks again loses requests, and that ends with 1', async (t) => {
  const { code, out, err, failures } = await rollingUpdate(t, '--exchanges', '1', '--delay', '0', '--check-every', '2')
  t.equal(code, 1, err)
  t.ok(failures > 0, out)
  t.match(out, /^ {2}failed: .*: 502 /m)
  t.notMatch(out, 'a copy ended with', 'it is the requests that count here')
})

import { request } from 'node:http'
import t from 'tap'
import { createTestApp } from '../app.ts'
import { authCalls, outcome } from '../auth/auth-calls.ts'
import { eventually } from '../eventually.ts'
import { watchStatements } from '../single-statements.ts'
import { addEvents } from './audit-rows.ts'

const { app, data, a } = await createTestApp(t)
const { open, send } = authCalls(app)
const { accessToken } = await open(a)
const authorization = `Bearer ${accessToken}`
const ask = (query = '') => send(a, { url: `/v1/audit.ndjson${query}` }, { headers: { authorization } })
const parse = (body: string) =>
  body
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
await addEvents(data, a.id, { count: 1_700, actors: [a.owner.id] })

t.test('the log comes whole, one object a line, oldest first: 200', async (t) => {
  const answer = await ask()
  t.equal(answer.statusCode, 200, answer.body.slice(0, 200))
  t.match(answer.headers['content-type'], 'application/x-ndjson')
  t.match(answer.headers['content-disposition'], 'audit-site-a.ndjson')
  const events = parse(answer.body)
  t.ok(events.length >= 1_701)
  const ids = events.map(({ id }) => id)
  t.strictSame(ids, [...new Set(ids)].sort())
  t.match(events[1], { actor: { kind: 'member', id: a.owner.id, name: 'Owner' }, details: { n: 1 } })
})

t.test('from and to bound it, and the export is in the log itself', async (t) => {
  const { rows } = await data.owner.query(`select at from audit_events where details->>'n' in ('600', '1300') order by at`)
  const [from, to] = rows.map(({ at }) => at.toISOString())
  const events = parse((await ask(`?from=${from}&to=${to}`)).body)
  t.strictSame([events.length, events[0].details.n, events.at(-1).details.n], [700, 600, 1_299])
  const exported = await data.owner.query(`select * from audit_events where action = 'audit.exported' order by id desc limit 1`)
  t.match(exported.rows, [{ actor: a.owner.id, details: { from, to } }])
  t.equal((await ask('?to=1990-01-01T00:00:00Z')).body, '', 'nothing is an empty answer')
  t.equal(outcome(await ask('?from=x')), '400 REQUEST_INVALID')
})

t.test('it asks for a proof of ten minutes: 403 AUTH_PROOF_NEEDED', async (t) => {
  await data.owner.query(`update sessions set authenticated_at = now() - interval '11 minutes'`)
  t.equal(outcome(await ask()), '403 AUTH_PROOF_NEEDED')
  await data.owner.query('update sessions set authenticated_at = now()')
})

t.test('a client that goes away stops it, and memory stays bounded while one is slow', async (t) => {
  await addEvents(data, a.id, { count: 60_000, actors: [a.owner.id] })
  const reads = countReads()
  const port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port)
  const before = process.memoryUsage().heapUsed
  await new Promise<void>((resolve, reject) => {
    const asked = request({ port, path: '/v1/audit.ndjson', headers: { host: a.host, authorization } }, (answer) => {
      answer.once('data', () => {
        answer.pause()
        resolve()
      })
    })
    asked.on('error', reject)
    asked.end()
    t.teardown(() => asked.destroy())
    reads.onQuiet = () => asked.destroy()
  })
  await eventually(t, 'it waits for the client', async () => await reads.quiet(), 20_000)
  const taken = reads.count
  t.ok(taken > 2 && taken < 160, `${taken} of more than 240 reads: what the buffers of the connection hold`)
  t.ok(process.memoryUsage().heapUsed - before < 100 * 1024 * 1024)
  reads.onQuiet()
  await eventually(t, 'it reads no more', async () => (await reads.quiet()) && reads.count < 200, 20_000)
})

/** How often the service asked the database. */
function countReads() {
  const reads = {
    count: 0,
    onQuiet: () => {},
    async quiet() {
      const before = reads.count
      await new Promise((resolve) => setTimeout(resolve, 300))
      return reads.count === before
    },
  }
  t.teardown(watchStatements(app, () => reads.count++))
  return reads
}

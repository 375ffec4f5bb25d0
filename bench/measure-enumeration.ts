import http from 'node:http'
import { startChild } from './child.ts'
import type { Target } from './load.ts'
import type { Row } from './report.ts'
import { median, type Pace } from './rounds.ts'
import type { World } from './world.ts'

interface Flow {
  what: string
  path: string
  status: number
  body(email: string): object
}

const password = 'not the right password'
const flows: readonly Flow[] = [
  { what: 'sign-in', path: '/v1/auth/sign-in', status: 401, body: (email) => ({ email, password }) },
  { what: 'reset', path: '/v1/auth/forgot-password', status: 202, body: (email) => ({ email }) },
  { what: 'sign-up', path: '/v1/auth/sign-up', status: 202, body: (email) => ({ email, password, name: 'Ana' }) },
]
const uncounted = 20

/**
 * Whether an address is a member's can be heard by how long the answer takes, if it can be heard at all: one caller, no other work, addresses of
 * members and of nobody in turns, which of the two first by lot. Mail is sent by a process of its own, as docs/security.md advises.
 */
export async function measureEnumeration({ tries }: Pace, { env, seeded }: World): Promise<Row[]> {
  const server = await startChild('tenantry', { ...env, WORKER: 'off' })
  const origin = `http://127.0.0.1:${await server.ask<number>('port')}`
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const rows: Row[] = []
  for (const flow of flows) {
    const target = { origin, path: flow.path, headers: { host: seeded.hosts[0] ?? '' } }
    const ask = (email: string) => timeOf(agent, target, { body: JSON.stringify(flow.body(email)), status: flow.status })
    rows.push(await compareTimes(flow.what, tries, { ask, known: seeded.emails }))
  }
  agent.destroy()
  await server.stop()
  return rows
}

async function compareTimes(
  what: string,
  tries: number,
  { ask, known }: { ask(email: string): Promise<number>; known: readonly string[] },
): Promise<Row> {
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
  for (let n = 0; n < tries + uncounted; n++) {
    const member = known[n % known.length] ?? ''
    const emails = { known: member, unknown: strangerLike(member, n) }
    for (const kind of Math.random() < 0.5 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const time = await ask(emails[kind])
      if (n >= uncounted) times[kind].push(time)
    }
  }
  const [ours, baseline] = [median(times.known), median(times.unknown)]
  return {
    what: `${what}: medians for known and unknown addresses, ${tries.toLocaleString('en')} tries each`,
    ours: `${ours.toFixed(2)} ms`,
    baseline: `${baseline.toFixed(2)} ms`,
    measured: Math.abs(ours - baseline),
    unit: 'ms',
    wanted: { atMost: 5 },
  }
}

/** As long as the other, at the same domain, and a new one each time. */
function strangerLike(email: string, n: number): string {
  const [local = '', domain] = email.split('@')
  return `${n.toString(36).padStart(local.length, 'x')}@${domain}`
}

function timeOf(agent: http.Agent, { origin, path, headers }: Target, { body, status }: { body: string; status: number }): Promise<number> {
  return new Promise((done, failed) => {
    const started = performance.now()
    const more = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
    const request = http.request(origin + path, { method: 'POST', agent, headers: { ...headers, ...more } }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === status) done(performance.now() - started)
        else failed(new Error(`${path} answers ${response.statusCode} instead of ${status}`))
      })
    })
    request.on('error', failed)
    request.end(body)
  })
}

import http from 'node:http'
import { openSession } from '../src/auth/sessions/session-store.ts'
import { loadConfig } from '../src/config.ts'
import { openDatabase } from '../src/db/client.ts'
import { createRefreshTokens } from '../src/security/refresh-token.ts'
import { createSecretBox } from '../src/security/secret-box.ts'
import { type Child, startChild } from './child.ts'
import type { Counted } from './children/answer-parent.ts'
import { compare, type Row } from './report.ts'
import { type Pace, type Rate, takeTurns } from './rounds.ts'
import type { World } from './world.ts'

const callers = 16
const pairs = 1_000
const chains = 10

/** Refresh tokens: what one costs, and whether two callers with the same one ever part or lose the session. */
export async function measureRefresh(pace: Pace, world: World): Promise<Row[]> {
  const [server, copy] = [await startChild('tenantry', world.env), await startChild('tenantry', world.env)]
  try {
    return [...(await refreshRates(pace, world, server)), await simultaneousPairs(world, [server, copy])]
  } finally {
    await Promise.all([server.stop(), copy.stop()])
  }
}

async function refreshRates(pace: Pace, world: World, server: Child): Promise<Row[]> {
  const start = async (way: string) =>
    startChild('refreshes', {
      ...world.env,
      BENCH_WAY: way,
      BENCH_TENANT: world.seeded.tenantIds[0] ?? '',
      BENCH_ORIGIN: await originOf(server),
      BENCH_HOST: world.seeded.hosts[0] ?? '',
      BENCH_TOKENS: JSON.stringify(await openSessions(world, callers)),
    })
  const [http, rotate, pg] = [await start('http'), await start('rotate'), await start('pg')]
  // A service runs for days: V8 has compiled all that a refresh needs only after a few thousand of them.
  const rates = await takeTurns(
    { ...pace, warmUp: 8 * pace.warmUp },
    {
      http: async (seconds) => {
        const before = await server.ask<number>('processorTime')
        const counted = await http.ask<Counted>('run', seconds)
        return { ...counted, processor: (await server.ask<number>('processorTime')) - before }
      },
      rotate: (seconds) => rotate.ask<Counted>('run', seconds),
      pg: (seconds) => pg.ask<Counted>('run', seconds),
    },
  )
  await Promise.all([http.stop(), rotate.stop(), pg.stop()])
  return [
    perCore(rates.http),
    compare('the exchange of a refresh token / the same statement by bare pg', rates.rotate, rates.pg, { atLeast: 0.5 }),
    // With HTTP and a signature, which the statement by hand has not: for orientation.
    compare('POST /v1/auth/refresh / the same statement by bare pg', rates.http, rates.pg),
  ]
}

function perCore({ processor }: Rate): Row {
  const measured = 1_000_000 / processor
  return {
    what: 'refreshes a second of processor time',
    ours: `${(processor / 1000).toFixed(2)} ms each`,
    baseline: '',
    measured,
    unit: '/s',
    wanted: { atLeast: 300 },
  }
}

/** Each pair asks two copies of the service at the same time, and goes on with what it got. */
async function simultaneousPairs(world: World, servers: readonly Child[]): Promise<Row> {
  const origins = await Promise.all(servers.map(originOf))
  const found = { pairs: 0, forks: 0, lost: 0 }
  const chain = async (first: string) => {
    let token = first
    for (let round = 0; round < pairs / chains; round++) {
      const answers = await Promise.all(origins.map((origin) => refreshAt(origin, world.seeded.hosts[0] ?? '', token)))
      found.pairs++
      found.lost += answers.filter((answer) => answer === undefined).length
      if (new Set(answers).size > 1) found.forks++
      token = answers.find((answer) => answer !== undefined) ?? token
    }
  }
  await Promise.all((await openSessions(world, chains)).map(chain))
  return {
    what: `${found.pairs.toLocaleString('en')} pairs of simultaneous refreshes on two copies: forks and lost sessions`,
    ours: `${found.forks} forks, ${found.lost} lost`,
    baseline: '',
    measured: found.forks + found.lost,
    wanted: { atMost: 0 },
  }
}

async function originOf(server: Child): Promise<string> {
  return `http://127.0.0.1:${await server.ask<number>('port')}`
}

/** New sessions of the first tenant, as a sign-in opens them, by their refresh tokens. */
async function openSessions({ env, seeded }: World, count: number): Promise<string[]> {
  const config = loadConfig(env)
  const database = openDatabase({ url: config.database.url, mode: config.database.poolMode, max: 2, onError: console.error })
  try {
    const tenantId = seeded.tenantIds[0] ?? ''
    const db = database.forTenant(tenantId)
    const { id: memberId, epoch } = await db.member.findFirstOrThrow({ select: { id: true, epoch: true } })
    const tokens = createRefreshTokens(createSecretBox(config.secretKeys).deriveKeys('refresh tokens'))
    const session = { tenantId, memberId, epoch, methods: ['password'] as const, userAgent: 'bench', address: '127.0.0.1' }
    const opened = []
    for (let at = 0; at < count; at++) opened.push((await openSession(db, tokens, session)).refreshToken)
    return opened
  } finally {
    await database.close()
  }
}

const agent = new http.Agent({ keepAlive: true })

/** Undefined where the session is said to be over. */
function refreshAt(origin: string, host: string, refreshToken: string): Promise<string | undefined> {
  return new Promise((done, failed) => {
    const options = { method: 'POST', agent, headers: { host, 'content-type': 'application/json' } }
    const request = http.request(`${origin}/v1/auth/refresh`, options, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      if (response.statusCode === 200) done(JSON.parse(body).refreshToken)
      else if (response.statusCode === 401) done(undefined)
      // A busy machine puts callers off; they come again with the same token, as a client would.
      else if (response.statusCode === 503) setTimeout(() => refreshAt(origin, host, refreshToken).then(done, failed), 100)
      else failed(new Error(`a refresh answers ${response.statusCode}: ${body.slice(0, 200)}`))
    })
    request.on('error', failed)
    request.end(JSON.stringify({ refreshToken }))
  })
}

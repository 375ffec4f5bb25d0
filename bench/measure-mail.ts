import { setTimeout as delay } from 'node:timers/promises'
import { loadConfig } from '../src/config.ts'
import { type Database, openDatabase } from '../src/db/client.ts'
import { enqueueMail } from '../src/jobs/enqueue-mail.ts'
import { newId } from '../src/security/random-token.ts'
import { createSecretBox } from '../src/security/secret-box.ts'
import { type Child, startChild, startProcess } from './child.ts'
import type { Row } from './report.ts'
import { median, type Pace } from './rounds.ts'
import type { World } from './world.ts'

interface Taken {
  sites: Record<string, number>
  lastAt: number
}

interface Bench {
  env: Record<string, string>
  database: Database
  sink: Child
  ports: { port: number; hangingPort: number }
}

const drainedSites = 50
const neighbours = 10

/** The outbox: what a mail costs the flow that sends it, how fast many leave, and what a dead server costs its neighbours. */
export async function measureMail({ mails }: Pace, { env, seeded }: World): Promise<Row[]> {
  const { url, poolMode: mode } = loadConfig(env).database
  const database = openDatabase({ url, mode, max: 10, onError: () => {} })
  const sink = await startChild('smtp-sink', {})
  const ports = await sink.ask<Bench['ports']>('ports')
  const bench = { env: { ...env, MAIL_PRIVATE_HOSTS: '127.0.0.1' }, database, sink, ports }
  try {
    const first = await enqueueCost(database, seeded.tenantIds[0] ?? '')
    await database.forTenant(seeded.tenantIds[0] ?? '').mailMessage.deleteMany()
    const drain = await drainRate(bench, seeded.tenantIds.slice(0, drainedSites), mails)
    const beside = await besideADeadServer(bench, seeded.tenantIds.slice(drainedSites, drainedSites + neighbours), mails)
    return [first, drain, beside]
  } finally {
    await sink.stop()
    await database.close()
  }
}

/** A flow's transaction of two statements, with a mail and without, in turns. */
async function enqueueCost(database: Database, tenantId: string): Promise<Row> {
  const db = database.forTenant(tenantId)
  const times = { with: [] as number[], without: [] as number[] }
  for (let round = 0; round < 600; round++) {
    const mail = round % 2 === 0
    const started = performance.now()
    await db.$transaction(async (tx) => {
      await tx.member.findFirst({ where: { emailKey: 'member1@bench.example' }, select: { id: true } })
      const expiresAt = new Date(Date.now() + 60_000)
      await tx.emailChallenge.create({ data: { tenantId, id: newId(), purpose: 'sign-up', emailKey: 'nobody@bench.example', expiresAt } })
      const variables = { requested_by: 'member1@bench.example' }
      if (mail) await enqueueMail(tx, { tenantId, kind: 'test', to: 'nobody@bench.example', language: 'pt', variables })
    })
    if (round >= 100) times[mail ? 'with' : 'without'].push(performance.now() - started)
  }
  const [ours, baseline] = [median(times.with), median(times.without)]
  const what = "a mail put into the outbox, added to a flow's median"
  return { what, ours: `${ours.toFixed(2)} ms`, baseline: `${baseline.toFixed(2)} ms`, measured: ours - baseline, unit: 'ms', wanted: { atMost: 2 } }
}

async function drainRate(bench: Bench, tenantIds: string[], mails: number): Promise<Row> {
  await giveAccounts(bench, tenantIds, () => bench.ports.port)
  const { perSecond } = await drain(bench, tenantIds, { each: mails / tenantIds.length, counted: tenantIds })
  const what = `${mails.toLocaleString('en')} queued mails of ${tenantIds.length} sites, sent per second by one worker`
  return { what, ours: `${Math.round(perSecond)}/s`, baseline: '', measured: perSecond, unit: '/s', wanted: { atLeast: 200 } }
}

/** The same nine sites with a tenth beside them whose server works, and with one whose server takes connections and never says a word. */
async function besideADeadServer(bench: Bench, tenantIds: string[], mails: number): Promise<Row> {
  const [tenth = '', ...nine] = tenantIds
  const rates = { well: [] as number[], dead: [] as number[] }
  for (const way of ['well', 'dead', 'dead', 'well', 'well', 'dead'] as const) {
    const { port, hangingPort } = bench.ports
    await giveAccounts(bench, tenantIds, (id) => (id === tenth && way === 'dead' ? hangingPort : port))
    rates[way].push((await drain(bench, tenantIds, { each: mails / 2 / neighbours, counted: nine })).perSecond)
  }
  const [ours, baseline] = [median(rates.dead), median(rates.well)]
  const what = 'mails per second of nine sites, a tenth server hangs / works'
  return { what, ours: `${Math.round(ours)}/s`, baseline: `${Math.round(baseline)}/s`, measured: ours / baseline, wanted: { atLeast: 0.95 } }
}

/** Queues so many mails for each site, starts a worker, and counts until those of `counted` have arrived. */
async function drain({ env, database, sink }: Bench, tenantIds: string[], { each, counted }: { each: number; counted: string[] }) {
  await sink.ask('forget')
  for (const tenantId of tenantIds) await queue(database, tenantId, each)
  const worker = startProcess(['src/worker.ts'], env)
  const total = each * counted.length
  const arrived = async () => {
    const { sites, lastAt } = await sink.ask<Taken>('taken')
    return { count: counted.reduce((sum, id) => sum + (sites[id] ?? 0), 0), lastAt }
  }
  try {
    // From the first mail on: how long a process takes to start is another row.
    while ((await arrived()).count === 0) await delay(5)
    const started = Date.now()
    for (;;) {
      const { count, lastAt } = await arrived()
      if (count >= total) return { perSecond: (total / (lastAt - started)) * 1000 }
      if (Date.now() - started > 300_000) throw new Error(`only ${count} of ${total} mails arrived`)
      await delay(20)
    }
  } finally {
    await worker.stop()
    for (const tenantId of tenantIds) await database.forTenant(tenantId).mailMessage.deleteMany()
  }
}

async function queue(database: Database, tenantId: string, count: number): Promise<void> {
  const expiresAt = new Date(Date.now() + 3_600_000)
  const rows = Array.from({ length: count }, (_, at) => {
    const recipient = `reader-${at}@bench.example`
    return { tenantId, id: newId(), kind: 'test', recipient, locale: 'pt', variables: { requested_by: recipient }, intent: newId(), expiresAt }
  })
  await database.forTenant(tenantId).mailMessage.createMany({ data: rows })
}

async function giveAccounts({ env, database }: Bench, tenantIds: string[], portOf: (tenantId: string) => number): Promise<void> {
  const box = createSecretBox(loadConfig(env).secretKeys)
  for (const tenantId of tenantIds) {
    const sealedSecret = box.seal('secret', { tenantId, field: 'mail_accounts.sealed_secret' })
    const server = { provider: 'smtp', host: '127.0.0.1', port: portOf(tenantId), security: 'none', username: tenantId, sealedSecret }
    const data = { ...server, senderName: 'Bench', senderAddress: 'bench@bench.example', dailyCap: 1_000_000, failures: 0, pausedUntil: null }
    const db = database.forTenant(tenantId)
    await db.mailAccount.deleteMany()
    await db.mailAccount.create({ data: { tenantId, ...data } })
  }
}

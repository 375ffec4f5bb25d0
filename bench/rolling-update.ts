/**
 * `npm run rolling-update`: two copies of the service behind a proxy that asks /readyz, under steady load, each exchanged in turn by SIGTERM. Ends
 * with 1 where a single request failed.
 */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startProcess } from './child.ts'
import { type HealthProxy, startHealthProxy } from './health-proxy.ts'
import { runToEnd, type Step } from './run-to-end.ts'
import { type LoadTotals, startSteadyLoad } from './steady-load.ts'
import { createWorld, freePort, type World } from './world.ts'

const help = `npm run rolling-update -- [options]

  --exchanges 6     how many times a copy is exchanged, one and the other in turn
  --delay 3         STOP_DELAY_SECONDS of the copies; 0 shows what it is for
  --check-every 1   seconds between two checks of the proxy
  --per-second 20   requests; one in ten is a sign-in
  --database URL    a migrated one without sites, which is filled, instead of a server of its own
`

interface Plan {
  exchanges: number
  stopDelay: number
  checkEvery: number
  perSecond: number
  database: string | undefined
}

interface Copy {
  port: number
  process: ReturnType<typeof startProcess>
}

runToEnd(run)

async function run(undo: Step[]): Promise<void> {
  const plan = readPlan()
  if (!plan) return console.log(help)
  console.log('  starting the database and two copies …')
  const made = createWorld(200, plan.database)
  undo.push(async () => (await made).stop())
  const world = await made
  const env = { ...world.env, TRUST_PROXY: 'loopback', STOP_DELAY_SECONDS: String(plan.stopDelay) }
  const copies = await Promise.all([1, 2].map(async () => startCopy(await freePort(), env)))
  const proxy = await startHealthProxy(
    copies.map(({ port }) => port),
    plan.checkEvery * 1_000,
  )
  undo.unshift(proxy.stop)
  for (const copy of copies) await untilUp(proxy, copy)
  const { totals, seconds, stops } = await exchange(plan, { world, env, copies, proxy })
  print(totals, { seconds, stops })
  if (totals.failures > 0 || stops.some(({ code }) => code !== 0)) process.exitCode = 1
}

interface Setting {
  world: World
  env: Record<string, string>
  copies: Copy[]
  proxy: HealthProxy
}

interface Stopped {
  code: number | null
  seconds: number
}

/** The load starts before the first copy is told, and ends after the last one is back. */
async function exchange({ exchanges, perSecond, checkEvery }: Plan, { world, env, copies, proxy }: Setting) {
  const { hosts, emails, password } = world.seeded
  const started = performance.now()
  const load = startSteadyLoad({ port: proxy.port, hosts: hosts.slice(0, 200), emails, password, perSecond })
  const stops: Stopped[] = []
  // Half-way between two checks: a copy that is gone at once has visitors sent to it until the next one.
  await delay(checkEvery * 500)
  for (let done = 1; done <= exchanges; done++) {
    const copy = copies[(done - 1) % copies.length]
    if (!copy) break
    stops.push(await stopCopy(copy))
    copy.process = startCopy(copy.port, env).process
    await untilUp(proxy, copy)
    console.log(`  ${done} of ${exchanges} exchanged`)
  }
  await delay(checkEvery * 1_000)
  const totals = await load.stop()
  return { totals, seconds: (performance.now() - started) / 1000, stops }
}

function startCopy(port: number, env: Record<string, string>): Copy {
  return { port, process: startProcess(['src/server.ts'], { ...env, PORT: String(port) }) }
}

async function stopCopy({ process: { child } }: Copy): Promise<Stopped> {
  const started = performance.now()
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [code]: (number | null)[] = await ended
  return { code: code ?? null, seconds: (performance.now() - started) / 1000 }
}

async function untilUp(proxy: HealthProxy, { port, process: { child } }: Copy): Promise<void> {
  for (const deadline = Date.now() + 90_000; !proxy.isUp(port); await delay(20)) {
    if (child.exitCode !== null) throw new Error(`a copy ended with ${child.exitCode} before it was ready`)
    if (Date.now() > deadline) throw new Error('a copy is not ready after a minute and a half')
  }
}

function print({ requests, signIns, failures, busy, reasons, longest }: LoadTotals, { seconds, stops }: { seconds: number; stops: Stopped[] }): void {
  console.log(`
  requests          ${requests} in ${seconds.toFixed(0)} s, ${signIns} of them sign-ins
  failures          ${failures}
  busy              ${busy}
  longest answer    ${longest.toFixed(0)} ms
  copies exchanged  ${stops.length}, each gone within ${Math.max(...stops.map((stop) => stop.seconds)).toFixed(1)} s`)
  for (const { code } of stops) if (code !== 0) console.log(`  a copy ended with ${code}`)
  for (const reason of reasons) console.log(`  failed: ${reason}`)
}

function readPlan(): Plan | undefined {
  const text = (preset: string) => ({ type: 'string', default: preset }) as const
  const options = {
    exchanges: text('6'),
    delay: text('3'),
    'check-every': text('1'),
    'per-second': text('20'),
    database: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  const { values } = parseArgs({ options })
  if (values.help) return undefined
  const [exchanges, stopDelay, checkEvery, perSecond] = [values.exchanges, values.delay, values['check-every'], values['per-second']].map(Number)
  if (!exchanges || stopDelay === undefined || Number.isNaN(stopDelay) || !checkEvery || !perSecond) throw new Error(help)
  return { exchanges, stopDelay, checkEvery, perSecond, database: values.database }
}

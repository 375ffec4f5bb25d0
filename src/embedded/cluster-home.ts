import { access, chmod, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

export interface OsUser {
  uid: number
  gid: number
}

export interface ClusterHome {
  /** Folder of the cluster and of what belongs to it. */
  home: string
  /** Whom PostgreSQL runs as, where that is somebody else. */
  user: OsUser | undefined
}

/** Where an administrator looks for a service's data. Only root writes there, so that nobody can lay a folder in wait for us. */
const elsewhere = '/var/lib/tenantry-'

/**
 * `dataDir/postgres`, or, when root starts it below a folder that the other user cannot enter (a home of mode 0700), a folder of its own
 * below /var/lib that `dataDir/postgres/location` names: without `dataDir` there is no way back to it, and a new start begins anew.
 */
export async function clusterHome(dataDir: string, onProgress: (line: string) => void): Promise<ClusterHome> {
  const home = resolve(dataDir, 'postgres')
  await mkdir(home, { recursive: true })
  const user = await otherUserWhenRoot()
  const closed = user && (await firstClosedFolder(home))
  if (!closed) return { home, user }
  // A cluster that moved here with its project: making another one would lose it.
  if (await exists(join(home, 'cluster'))) throw unreachable(closed)
  const pointer = join(home, 'location')
  const known = (await readFile(pointer, 'utf8').catch(() => '')).trim()
  if (known && (await exists(known))) return { home: known, user }
  const made = await mkdtemp(elsewhere).catch(() => {
    throw unreachable(closed)
  })
  await chmod(made, 0o755)
  await writeFile(pointer, made)
  onProgress(`the user of PostgreSQL cannot enter ${closed}: its files go to ${made}`)
  return { home: made, user }
}

/** PostgreSQL refuses to run as root: then its files belong to `postgres`, or to `nobody` where there is no such user. */
async function otherUserWhenRoot(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody')
  return { uid: Number(entry?.[2] ?? 65534), gid: Number(entry?.[3] ?? 65534) }
}

/** The innermost folder of a path that others may not enter. */
export async function firstClosedFolder(path: string): Promise<string | undefined> {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return folder
  }
  return undefined
}

function unreachable(closed: string): Error {
  return new Error(
    `PostgreSQL does not run as root, and the user it runs as cannot enter ${closed}. ` +
      'Set DATA_DIR to a folder that others may enter (such as /var/lib/tenantry), or start Tenantry as an ordinary user.',
  )
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

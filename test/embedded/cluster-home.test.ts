import { chmod, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Test, test } from 'tap'
import { clusterHome } from '../../src/embedded/cluster-home.ts'

async function folder(t: Test, mode: number): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tenantry-home-'))
  await chmod(made, mode)
  t.teardown(() => rm(made, { recursive: true, force: true }))
  return made
}

test('a folder that others may enter holds the cluster itself', async (t) => {
  const dataDir = await folder(t, 0o755)
  const lines: string[] = []
  const { home } = await clusterHome(dataDir, (line) => lines.push(line))
  t.equal(home, join(dataDir, 'postgres'))
  t.strictSame(lines, [])
})

const asRoot = process.getuid?.() === 0 ? {} : { skip: 'only root runs PostgreSQL as somebody else' }

test('root keeps the cluster of a closed folder elsewhere, finds it again, and says so once', asRoot, async (t) => {
  const dataDir = join(await folder(t, 0o700), 'data')
  const lines: string[] = []
  const { home } = await clusterHome(dataDir, (line) => lines.push(line))
  t.teardown(() => rm(home, { recursive: true, force: true }))
  t.match(home, /^\/var\/lib\/tenantry-/)
  t.equal((await stat(home)).mode & 0o777, 0o755)
  t.equal(await readFile(join(dataDir, 'postgres', 'location'), 'utf8'), home)
  t.equal((await clusterHome(dataDir, (line) => lines.push(line))).home, home)
  t.equal(lines.length, 1)
})

test('a cluster that was moved into a closed folder is not passed over for a new one', asRoot, async (t) => {
  const dataDir = await folder(t, 0o700)
  await mkdir(join(dataDir, 'postgres', 'cluster'), { recursive: true })
  await t.rejects(
    clusterHome(dataDir, () => {}),
    { message: /cannot enter .* Set DATA_DIR/ },
  )
})

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { listBackups } from '../../src/backup/backup-store.ts'
import { signInOnce } from '../../src/cli/backup/sign-in-once.ts'
import { loadConfig } from '../../src/config.ts'
import { createDiskStorage } from '../../src/storage/disk-storage.ts'
import { createTestApp } from '../app.ts'
import { eventually } from '../eventually.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { type BackupHub, createBackupHub } from './backup-hub.ts'
import { addDriller } from './driller.ts'

/** Starts a drill that is told to stop as soon as `reached`. */
async function stopAt(
  t: Test,
  hub: BackupHub,
  { args, env, reached }: { args: string[]; env: Record<string, string>; reached: () => Promise<boolean> },
) {
  const child = spawn(process.execPath, ['src/cli.ts', 'backup', 'drill', ...args], {
    env: { PATH: process.env.PATH ?? '', ...hub.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = Promise.all([once(child, 'exit'), text(child.stderr), text(child.stdout)])
  await eventually(t, 'it is at work', reached, 30_000)
  child.kill('SIGTERM')
  const [[code], err, out] = await ended
  t.equal(code, 1, err)
  t.match(err, /(^|\n)Stopped, and nothing of it was kept\.\n$/)
  t.equal(out, '')
}

t.test(
  'a drill that is told to stop leaves no database, no server and no file; one that finds faults ends with 1, and tells what a killed one left',
  async (t) => {
    const hub = await createBackupHub(t)
    if (!hub) return
    const { owner } = hub.data
    const { login, serverUrl } = await addDriller(t, hub.data)
    t.equal((await hub.backup(['run'])).code, 0)
    const databases = async () => (await owner.query('select datname from pg_database where datdba = $1::regrole', [login])).rows
    await stopAt(t, hub, { args: ['--into', serverUrl], env: {}, reached: async () => (await databases()).length > 0 })
    t.same(await databases(), [])

    const TMPDIR = await temporaryFolder(t)
    let [home, server] = ['', 0]
    await stopAt(t, hub, {
      args: [],
      env: { TMPDIR },
      async reached() {
        const [folder = ''] = await readdir(TMPDIR)
        const own = join(TMPDIR, folder, 'postgres')
        // As root it cannot be there: nobody else may enter this folder.
        home = await readFile(join(own, 'location'), 'utf8').catch(() => own)
        const id = await readFile(join(home, 'cluster/postmaster.pid'), 'utf8').catch(() => '')
        server = Number(id.split('\n')[0])
        return server > 0
      },
    })
    t.same(await readdir(TMPDIR), [])
    await t.rejects(readdir(home), { code: 'ENOENT' })
    t.throws(() => process.kill(server, 0), { code: 'ESRCH' })

    await owner.query(`create database tenantry_drill_${login} owner ${login}`)
    t.teardown(() => owner.query(`drop database if exists tenantry_drill_${login}`))
    const SECRET_KEYS = `other:${randomBytes(32).toString('base64')}`
    const lost = await hub.backup(['drill', '--into', serverUrl], { SECRET_KEYS })
    t.match(lost, { code: 1, json: { noted: true, left: [`tenantry_drill_${login}`] } })
    t.match(lost.err, `A drill that was killed has left a whole copy on that server: drop database tenantry_drill_${login}.\n`)
    const { faults } = Object(lost.json)
    t.match(faults.join('\n'), /^no key of SECRET_KEYS opens /m)
    t.match(faults.join('\n'), /^a member with the right password cannot sign in at \S+: 5\d\d \w+$/m)
    t.match(await listBackups(createDiskStorage(hub.dir)), [{ verified: false }], 'it counts no more')
  },
)

t.test('a sign-in is proven at an active site that has a host, and where there is none that is told', async (t) => {
  const SECRET_KEYS = `test:${randomBytes(32).toString('base64')}`
  const { data } = await createTestApp(t, { env: { SECRET_KEYS } })
  const config = loadConfig({ SECRET_KEYS })
  t.same(await signInOnce(config, data.url), [])
  await data.owner.query("update hosts set canonical = false, status = 'pending'")
  t.same(await signInOnce(config, data.url), ['there is no active site with a host at which somebody could sign in'])
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Test, test } from 'tap'
import { tenantStorage } from '../../../src/storage/tenant-storage.ts'
import { connect } from '../../database.ts'
import { eventually } from '../../eventually.ts'
import { addFullSite, createHub, type Hub, identity, objectsOf } from '../../site-archive/hub.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

function begin(t: Test, args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['src/cli.ts', 'site', ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, err: text(child.stderr), ended: once(child, 'exit') }
}

interface Stopping {
  /** Of a table: who wants it waits. */
  lock: string
  args: readonly string[]
  meanwhile?: () => Promise<void>
}

/** Runs the command up to where it needs this table, stops it there, and lets go of the table. */
async function stopAt(t: Test, hub: Hub, { lock, args, meanwhile }: Stopping) {
  const guard = await connect(t, hub.data.url)
  await guard.query('begin')
  await guard.query(`lock table ${lock} mode`)
  const { child, err, ended } = begin(t, args, hub.env)
  const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  await eventually(t, `it waits for ${lock}`, async () => (await hub.data.owner.query(waits)).rowCount === 1, 30_000)
  await meanwhile?.()
  child.kill('SIGINT')
  await guard.query('rollback')
  const [code] = await ended
  return { code, err: (await err).split('\n').filter((line) => /^[A-Z]/.test(line)) }
}

const stopped = { code: 1, err: ['Stopped, and nothing of it was kept.'] }

test('Ctrl-C ends an import and an export, nothing of either stays, and both say so', async (t) => {
  const [here, there, folder] = [await createHub(t), await createHub(t), await temporaryFolder(t)]
  const { id } = await addFullSite(here, 'cecab')
  const [file, key, partial] = [join(folder, 'cecab.age'), join(folder, 'key.txt'), join(folder, 'second.age')]
  const { archive } = await here.export('cecab')
  await writeFile(file, archive)
  await writeFile(key, identity)
  const args = ['import', file, '--identity', key]
  t.match(await stopAt(t, there, { lock: 'media in share', args }), stopped)
  t.same(await objectsOf(there.storage), {})
  t.equal((await there.data.owner.query('select from tenants where id = $1', [id])).rowCount, 0)
  t.match(await stopAt(t, here, { lock: 'totp_factors in access exclusive', args: ['export', 'cecab', '--to', partial] }), stopped)
  t.same((await readdir(folder)).sort(), ['cecab.age', 'key.txt'])
})

test('an import that was stopped and cannot tidy up says what stays, and not that nothing does', async (t) => {
  const [here, there, folder] = [await createHub(t), await createHub(t), await temporaryFolder(t)]
  const { id } = await addFullSite(here, 'cecab')
  const [file, key] = [join(folder, 'cecab.age'), join(folder, 'key.txt')]
  await writeFile(file, (await here.export('cecab')).archive)
  await writeFile(key, identity)
  const [objects, kept] = [join(there.folder, 'objects'), join(there.folder, 'kept')]
  // Nothing can be listed or removed below a link that leads to itself.
  const meanwhile = async () => {
    await rename(objects, kept)
    await symlink('objects', objects)
  }
  const told = await stopAt(t, there, { lock: 'media in share', args: ['import', file, '--identity', key], meanwhile })
  t.match(told, { code: 1, err: ['Stopped.', `Its files below tenants/${id}/ could not be removed again: import it with --discard-files.`] })
  t.match(await readdir(kept), ['tenants'], 'control')
})

test('an export into a pipe that is stopped says that what came out is no archive', async (t) => {
  const hub = await createHub(t)
  const { id } = await addFullSite(hub, 'cecab')
  const size = 11 * 1024 ** 2
  await tenantStorage(hub.storage, id).put(`media/${id}/original`, Buffer.alloc(size, 'x'), { contentType: 'image/png' })
  const { child, err, ended } = begin(t, ['export', 'cecab', '--to', '-'], hub.env)
  await once(child.stdout, 'readable')
  child.kill('SIGTERM')
  let bytes = 0
  for await (const chunk of child.stdout) bytes += chunk.length
  const [code] = await ended
  t.equal(code, 1)
  t.match(await err, /^Stopped: what came out is no whole archive\.$/m)
  t.ok(bytes > 0 && bytes < size, 'it broke off')
})

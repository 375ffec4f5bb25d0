import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { test } from 'tap'
import { addFullSite, createHub, identity, objectsOf, recipient } from '../site-archive/hub.ts'
import { mountSmallDisk } from '../storage/small-disk.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { requireTool } from '../tool.ts'
import { runTenantry } from './run-tenantry.ts'

const run = promisify(execFile)

test('an archive is imported from a pipe, and nothing of it stays in the folder that it went through', async (t) => {
  const [here, there, TMPDIR] = [await createHub(t), await createHub(t), await temporaryFolder(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  await writeFile(join(there.folder, 'key.txt'), identity)
  const args = ['site', 'import', '-', '--identity', join(there.folder, 'key.txt'), '--json']
  const cut = await runTenantry(args, { ...there.env, TMPDIR }, archive.subarray(0, archive.length - 1))
  t.match(cut, { code: 1, out: '', err: /^[^\n]+\n$/ }, 'a pipe that broke off')
  t.same(await objectsOf(there.storage), {})
  const imported = await runTenantry(args, { ...there.env, TMPDIR }, archive)
  t.equal(imported.code, 0, imported.err)
  t.match(JSON.parse(imported.out), { id: site.id, slug: 'cecab', objects: 3, dryRun: false })
  t.same(await objectsOf(there.storage), await objectsOf(here.storage))
  t.same(await readdir(TMPDIR), [])
})

test('a disk that fills during an export or an import is told in one line, and keeps nothing', async (t) => {
  const hub = await createHub(t)
  await addFullSite(hub, 'cecab')
  const disk = await mountSmallDisk(t, 1)
  if (!disk) return
  const left = 8_192
  await writeFile(join(disk, 'filler'), Buffer.alloc(1024 * 1024 - left))
  const { archive } = await hub.export('cecab')
  t.ok(archive.length > left, 'control: it does not fit')
  const file = join(disk, 'cecab.age')
  const exported = await runTenantry(['site', 'export', 'cecab', '--to', file], hub.env)
  t.match([exported.code, exported.out], [1, ''])
  t.equal(exported.err.trimEnd().split('\n').at(-1), `The disk of ${file} is full. Nothing of the archive was kept.`, 'after what the progress told')
  const imported = await runTenantry(['site', 'import', '-', '--as', 'other', '--new-id'], { ...hub.env, TMPDIR: disk }, archive)
  t.match(imported, { code: 1, out: '', err: /^The disk of \S+ is full\. Nothing of the archive was kept\.\n$/ })
  t.same(await readdir(disk), ['filler'])
})

test('another implementation of age opens what we export, and we what it encrypts', async (t) => {
  const age = requireTool(t, 'age')
  if (!age) return
  const [here, there, folder] = [await createHub(t), await createHub(t), await temporaryFolder(t)]
  const site = await addFullSite(here, 'cecab')
  const [key, ours, plain, theirs] = ['key.txt', 'ours.age', 'plain', 'theirs.age'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  await writeFile(key, `${identity}\n`)
  await writeFile(ours, (await here.export('cecab')).archive)
  await run(age, ['--decrypt', '-i', key, '-o', plain, ours])
  t.match((await run('tar', ['-tf', plain])).stdout, /^manifest\.json$/m)
  await run(age, ['--encrypt', '-r', recipient, '-o', theirs, plain])
  t.notSame(await readFile(theirs), await readFile(ours), 'control')
  const imported = await runTenantry(['site', 'import', theirs, '--identity', key, '--json'], there.env)
  t.equal(imported.code, 0, imported.err)
  t.match(JSON.parse(imported.out), { id: site.id, objects: 3 })
  t.same(await objectsOf(there.storage), await objectsOf(here.storage))
})

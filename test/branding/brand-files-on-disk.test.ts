import fs, { readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createBrandFiles } from '../../src/branding/files/brand-files.ts'
import { createImages } from '../../src/files/images.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { createTestApp } from '../app.ts'
import { outcome } from '../auth/auth-calls.ts'
import { mountSmallDisk } from '../storage/small-disk.ts'
import { brandCalls, fontOf } from './brand-calls.ts'

const test = await createTestApp(t)
const { a, call } = test
const own = await brandCalls(test, a)
const font = (await own.upload(fontOf(500_000), 'own.woff2', 'fonts')).json().id
await own.publish((spec) => ({ ...spec, fonts: { heading: { asset: font }, body: { stack: 'serif' } } }))
const sheet = String((await call(a, { url: '/theme.css' })).body)
const { theme, manifest }: Record<'theme' | 'manifest', string> = (await call(a, { url: '/v1/site' })).json().brand
const fontAddress = /url\((\/brand\/font-heading\.[\w-]{16}\.woff2)\)/.exec(sheet)?.[1] ?? ''

t.test('where the disk is full a file answers 507 STORAGE_FULL, nothing of it is left, and what fits is made as before', async (t) => {
  const disk = await mountSmallDisk(t, 1)
  if (!disk) return
  const fresh = await serviceThatKeepsItsFilesIn(t, disk)
  const ask = async (url: string) => outcome(await fresh.inject({ url, headers: { host: a.host } }))
  await leaveRoom(disk, 50)
  t.equal(await ask(fontAddress), '507 STORAGE_FULL')
  t.equal(await ask(fontAddress), '507 STORAGE_FULL', 'again')
  t.same(await filesBelow(disk), ['ballast'])
  t.equal(await ask(theme), '200')
  t.equal((await filesBelow(disk)).length, 4, 'control: the sheet with its copies')
  await rm(join(disk, 'ballast'))
  t.equal(await ask(fontAddress), '200', 'there is room again')
})

t.test('a file for which there is no room takes its copies along', async (t) => {
  const disk = await mountSmallDisk(t, 1)
  if (!disk) return
  const fresh = await serviceThatKeepsItsFilesIn(t, disk)
  const ask = async () => outcome(await fresh.inject({ url: theme, headers: { host: a.host } }))
  await leaveRoom(disk, 2)
  t.equal(await ask(), '507 STORAGE_FULL', 'the copies had room, and it had none')
  t.same(await filesBelow(disk), ['ballast'])
  await rm(join(disk, 'ballast'))
  t.equal(await ask(), '200')
})

t.test('a file that goes to make room, and is asked for again meanwhile, is made when the old one is gone', async (t) => {
  const [db, storage] = [test.data.open({ max: 1 }).forTenant(a.id), tenantStorage(test.app.objectStorage, a.id)]
  const files = createBrandFiles(createImages(), Date.now, { most: 12 * 1024 })
  t.teardown(() => files.close())
  const find = (address: string) => files.find({ tenantId: a.id, version: 1, db, storage }, basename(address))
  const { folder = '' } = (await find(theme)) ?? {}
  const events: string[] = []
  const removal = holdRemoval(t, join(folder, basename(theme)), () => events.push('the old one is gone'))
  await find(manifest)
  const again = find(theme).then(() => events.push('the new one is there'))
  // Nothing tells that it waits: it has had time enough not to.
  await Promise.race([again, delay(300)])
  removal.goOn()
  await again
  t.same(events, ['the old one is gone', 'the new one is there'])
  t.ok((await filesBelow(folder)).includes(basename(theme)))
})

/** Its folder is made when it is first asked for a file. */
function serviceThatKeepsItsFilesIn(t: Test, folder: string) {
  const { TMPDIR = '' } = process.env
  process.env.TMPDIR = folder
  t.teardown(() => {
    process.env.TMPDIR = TMPDIR
  })
  return test.another()
}

/** Fills the disk but for so many blocks. */
async function leaveRoom(disk: string, blocks: number): Promise<void> {
  const { bavail, bsize } = await statfs(disk)
  await writeFile(join(disk, 'ballast'), Buffer.alloc((bavail - blocks) * bsize))
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

/** What is removed at that path waits until the test lets it go. */
function holdRemoval(t: Test, path: string, whenGone: () => void): { goOn(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  const remove = fs.rm
  const held = t.intercept(fs, 'rm', {
    value: async (...args: Parameters<typeof remove>) => {
      if (args[0] === path) await promise
      await remove(...args)
      if (args[0] === path) whenGone()
    },
  })
  syncBuiltinESMExports()
  t.teardown(() => {
    held.restore()
    syncBuiltinESMExports()
  })
  return { goOn: resolve }
}

import { readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
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
const theme: string = (await call(a, { url: '/v1/site' })).json().brand.theme
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

import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import t from 'tap'
import { listBackups, readManifest, writeVerification } from '../../src/backup/backup-store.ts'
import { findBackup } from '../../src/backup/find-backup.ts'
import { isOverdue, newestVerified } from '../../src/backup/overdue.ts'
import { pruneBackups } from '../../src/backup/prune-backups.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { verifyBackup } from '../../src/backup/verify-backup.ts'
import { StorageFailure } from '../../src/storage/object-storage.ts'
import { runTenantry } from '../cli/run-tenantry.ts'
import { createBackupSource, pathIn } from './backup-source.ts'

const hour = 3_600_000

t.test('with a key to sign by, what is not signed, signed by another or changed is neither verified nor restored, and does not count', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const [signingKey, other] = [randomBytes(32), randomBytes(32)]
  const options = { ...source, identity: undefined, signingKey }
  const { name } = (await source.take({ signingKey })).manifest
  t.match(await verifyBackup(options, name), { how: 'read' }, 'control')
  const list = () =>
    runTenantry(['backup', 'list', '--max-age', '26h', '--json'], { BACKUP_DIR: source.dir, BACKUP_SIGNING_KEY: signingKey.toString('base64') })
  t.match(await list(), { code: 0, err: /^$/ }, 'control')
  const path = pathIn(source.dir, name, 'manifest.json')
  const { signature, ...rest } = JSON.parse(await readFile(path, 'utf8'))
  const url = await source.emptyDatabase()
  const refused = async (manifest: object, complaint: RegExp, more = {}) => {
    await writeFile(path, JSON.stringify(manifest))
    await t.rejects(verifyBackup({ ...options, ...more }, name), { message: complaint })
    await t.rejects(restoreBackup({ ...options, ...more }, name, url), { message: complaint })
    t.match(await listBackups(source.storage), [{ verified: false }])
  }
  const changed = /^Backup \S+ was signed by another key than BACKUP_SIGNING_KEY, or changed: do not restore it/
  await refused({ ...rest, signature }, changed, { signingKey: other, unsigned: true })
  await refused({ ...rest, plain: { ...rest.plain, sha256: 'a'.repeat(64) }, signature }, changed)
  await refused(rest, /^Backup \S+ is not signed, and may be anybody's: .* restore and drill take --unsigned\.$/)
  t.match(await list(), { code: 1, err: /is not signed.*\nNo verified backup is younger than 26 hours: there is none/ })
  t.match(await restoreBackup({ ...options, unsigned: true }, name, url), { differences: { length: 0 } })
})

t.test('what is found broken counts as verified no more until it is read well again, and what was restored stays so', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const options = { ...source, identity: undefined }
  const { name } = (await source.take()).manifest
  const verified = async () => (await newestVerified(source.storage, { hub: undefined, now: Date.now() }))?.name
  await writeVerification(source.storage, name, { at: '', how: 'restored' })
  t.match(await verifyBackup(options, name), { how: 'restored' }, 'reading it takes nothing away')
  t.equal(await verified(), name, 'control')
  const refuse = () => Promise.reject(new StorageFailure('refused'))
  t.match(await writeVerification({ ...source.storage, stat: refuse }, name, { at: '', how: 'read' }), { how: 'restored' })
  t.match(
    await writeVerification({ ...source.storage, stat: refuse, read: refuse }, name, { at: '', how: 'read' }),
    { how: 'read' },
    'as of what is not there',
  )
  const path = pathIn(source.dir, name, 'dump.pgc')
  const whole = await readFile(path)
  await writeFile(path, whole.subarray(1))
  await t.rejects(verifyBackup(options, name), { message: /is truncated/ })
  t.equal(await verified(), undefined)
  await writeFile(path, whole)
  t.match(await verifyBackup(options, name), { how: 'read' })
  t.equal(await verified(), name)
  await rm(path)
  t.same(await listBackups(source.storage), [], 'without its dump it is none')
})

t.test('a backup that says it is still to be made keeps no alarm quiet, and is not the newest', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { name } = (await source.take()).manifest
  await verifyBackup({ ...source, identity: undefined }, name)
  const before = Date.now() - 2 * hour
  t.ok(isOverdue(await newestVerified(source.storage, { hub: undefined, now: before }), before))
  t.notOk(isOverdue(await newestVerified(source.storage, { hub: undefined, now: Date.now() }), Date.now()), 'control')
})

t.test('of several hubs in one place each counts, and prunes, its own, and nothing of them is restored unless it is named', async (t) => {
  const [one, other] = [await createBackupSource(t), await createBackupSource(t)]
  if (!one || !other) return
  const { storage } = one
  const take = async (source: typeof one) => {
    const { rows } = await source.data.owner.query("update tenants set kind = 'platform' where slug = 'site-a' returning id")
    const { manifest } = await source.take({ storage })
    await verifyBackup({ ...one, identity: undefined }, manifest.name)
    t.equal(manifest.hub, rows[0].id)
    return manifest
  }
  const mine = await take(one)
  t.match(await findBackup(storage, undefined), { name: mine.name }, 'control')
  const theirs = await take(other)
  await t.rejects(findBackup(storage, undefined), { message: /^Backups of 2 hubs lie there \(.*\): say which one by its name/ })
  t.match(await findBackup(storage, mine.name), { name: mine.name })
  const [now, hub] = [Date.now(), mine.hub ?? undefined]
  t.match(await newestVerified(storage, { hub, now }), { name: mine.name })
  t.match(await newestVerified(storage, { hub: undefined, now }), { name: theirs.name }, 'control')
  t.same(
    await pruneBackups(storage, { hub: theirs.hub ?? undefined, keepDays: 1, now: now + 50 * 24 * hour }),
    [],
    'its newest stays, and so does mine',
  )
  t.match(await readManifest(storage, mine.name, {}), { name: mine.name })
})

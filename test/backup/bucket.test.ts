import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateIdentity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import { listBackups, readVerification } from '../../src/backup/backup-store.ts'
import { findBackup } from '../../src/backup/find-backup.ts'
import { removeBackup } from '../../src/backup/prune-backups.ts'
import { readIdentity } from '../../src/backup/read-identity.ts'
import { restoreBackup } from '../../src/backup/restore-backup.ts'
import { verifyBackup } from '../../src/backup/verify-backup.ts'
import { leastPartSize } from '../../src/storage/object-storage.ts'
import { asStorageFailure } from '../../src/storage/s3-client.ts'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { startFaultyProxy } from '../storage/faulty-proxy.ts'
import { startRecordingS3 } from '../storage/recording-s3.ts'
import { startS3 } from '../storage/s3-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createBackupSource } from './backup-source.ts'

t.test('an encrypted backup goes to a bucket in parts, opens with its private key and with no other', async (t) => {
  const [source, server] = [await createBackupSource(t), await startS3(t)]
  if (!source || !server) return
  const storage = createS3Storage(server.settings)
  t.teardown(() => storage.close())
  const [identity, other] = [await generateIdentity(), await generateIdentity()]
  await source.addBallast(22)
  const { manifest } = await source.take({ storage, recipient: await identityToRecipient(identity) })
  t.teardown(() => removeBackup(storage, manifest.name))
  t.match(manifest, { file: 'dump.pgc.age', encryption: { recipient: /^age1/ }, tables: { 'public.ballast': 616 } })
  t.ok(manifest.stored.size > 2 * leastPartSize, 'control: it is more than two parts')
  const options = { storage, folders: source.folders }
  t.match(await verifyBackup({ ...options, identity: undefined }, manifest.name), { how: 'stored' })
  t.match(await verifyBackup({ ...options, identity }, manifest.name), { how: 'read' })
  const wrong = /^Backup \S+ cannot be opened: it was encrypted for another key than that of BACKUP_IDENTITY_FILE\.$/
  await t.rejects(verifyBackup({ ...options, identity: other }, manifest.name), { message: wrong })
  t.match(await findBackup(storage, manifest.name), { verified: true }, 'the key is to blame')
  const url = await source.emptyDatabase()
  await t.rejects(restoreBackup({ ...options, identity: undefined }, undefined, url), { message: /is encrypted: set BACKUP_IDENTITY_FILE/ })
  t.match(await restoreBackup({ ...options, identity }, undefined, url), { differences: { length: 0 } })
})

t.test('a bucket that fails half-way leaves no backup; one that stutters while it is read is asked again', async (t) => {
  const [source, server] = [await createBackupSource(t), await startS3(t)]
  if (!source || !server) return
  const proxy = await startFaultyProxy(t, server.settings.endpoint)
  const storage = createS3Storage({ ...server.settings, endpoint: proxy.url })
  t.teardown(() => storage.close())
  await source.addBallast(14)
  proxy.fail(500, Number.POSITIVE_INFINITY, /^PUT .*partNumber=2/)
  await t.rejects(source.take({ storage }), { name: 'StorageFailure', reason: 'unavailable' })
  t.ok(proxy.met() > 0, 'control')
  t.same(await listBackups(storage), [])
  proxy.fail(500, Number.POSITIVE_INFINITY, /^PUT .*manifest\.json/)
  await t.rejects(source.take({ storage }), { name: 'StorageFailure' })
  t.same(await listBackups(storage), [], 'nor where only the manifest did not arrive')
  proxy.heal()
  const { manifest } = await source.take({ storage })
  t.teardown(() => removeBackup(storage, manifest.name))
  proxy.fail('drop-answer', 2, /^GET .*dump\.pgc/)
  t.match(await verifyBackup({ storage, folders: source.folders, identity: undefined }, manifest.name), { how: 'read' })
  t.equal(proxy.met(), 2, 'control')
})

t.test('a login that the bucket refuses is told as refused, and a backup names the key that the bucket is to encrypt by', async (t) => {
  const [source, server] = [await createBackupSource(t), await startS3(t)]
  if (!source || !server) return
  const stranger = createS3Storage({ ...server.settings, secretAccessKey: 'that of somebody else' })
  t.teardown(() => stranger.close())
  await t.rejects(source.take({ storage: stranger }), { name: 'StorageFailure', reason: 'refused' })
  t.equal(asStorageFailure(Object.assign(new Error(), { name: 'ExpiredToken' })).reason, 'refused', 'and so is one whose time is over')
  const recording = await startRecordingS3(t)
  const storage = createS3Storage({ ...recording.settings, kmsKey: 'the-key' })
  t.teardown(() => storage.close())
  await storage.put('backups/x/manifest.json', Buffer.from('{}'), { contentType: 'application/json' })
  await storage.parts.begin('backups/x/dump.pgc', { contentType: 'application/octet-stream' })
  const named = recording.requests.map(({ method, headers }) => [
    method,
    headers['x-amz-server-side-encryption'],
    headers['x-amz-server-side-encryption-aws-kms-key-id'],
  ])
  t.same(named, [
    ['PUT', 'aws:kms', 'the-key'],
    ['POST', 'aws:kms', 'the-key'],
  ])
})

t.test('a key file as age-keygen writes it is read; one without a private key is told', async (t) => {
  const file = join(await temporaryFolder(t), 'key.txt')
  const identity = await generateIdentity()
  await writeFile(file, `# created: 2026-11-26\n# public key: ${await identityToRecipient(identity)}\n${identity}\n`)
  t.equal(await readIdentity(file), identity)
  await writeFile(file, '# public key: age1\n')
  await t.rejects(readIdentity(file), { message: /holds no private key of age/ })
  await t.rejects(readIdentity(`${file}.not`), { message: 'BACKUP_IDENTITY_FILE cannot be read (ENOENT).' })
})

t.test('what is verified is known by its key alone', async (t) => {
  const source = await createBackupSource(t)
  if (!source) return
  const { manifest } = await source.take()
  t.match(await listBackups(source.storage), [{ verified: false }])
  await verifyBackup({ ...source, identity: undefined }, manifest.name)
  t.match(await listBackups(source.storage), [{ verified: true }])
  t.match(await readVerification(source.storage, manifest.name), { how: 'read' })
})

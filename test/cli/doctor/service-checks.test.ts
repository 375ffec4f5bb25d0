import { randomBytes } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { newSigningKey } from '../../../src/auth/keys/signing-keys.ts'
import { backupAge } from '../../../src/cli/doctor/checks/backup-age.ts'
import { diskFree } from '../../../src/cli/doctor/checks/disk-free.ts'
import { jobQueue } from '../../../src/cli/doctor/checks/job-queue.ts'
import { mail } from '../../../src/cli/doctor/checks/mail.ts'
import { redis } from '../../../src/cli/doctor/checks/redis.ts'
import { sealedSecrets } from '../../../src/cli/doctor/checks/sealed-secrets.ts'
import { signingKeys } from '../../../src/cli/doctor/checks/signing-keys.ts'
import { storage } from '../../../src/cli/doctor/checks/storage.ts'
import { variables } from '../../../src/cli/doctor/checks/variables.ts'
import { createJobSession } from '../../../src/jobs/job-session.ts'
import { createSecretBox } from '../../../src/security/secret-box.ts'
import { openStorage } from '../../../src/storage/open-storage.ts'
import { startSmtpServer } from '../../mail/smtp-server.ts'
import { startRedis } from '../../redis.ts'
import { startS3 } from '../../storage/s3-server.ts'
import { mountSmallDisk } from '../../storage/small-disk.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { createPatient, look } from './patient.ts'

const day = 86_400_000

test('every fault of the variables is a problem of its own, what is taken but dangerous a warning, and the rest is looked at all the same', async (t) => {
  const { patient } = await createPatient(t)
  t.same(await look(variables, patient()), ['ok every variable can be used'])
  const faulty = patient({ PORT: 'x', TENANT_HEADER: 'on', SECRET_KEYS: 'short' })
  t.match(await look(variables, faulty), [
    /^problem (PORT|SECRET_KEYS) must be/,
    /^problem (PORT|SECRET_KEYS) must be/,
    /^warning TENANT_HEADER is on/,
  ])
  t.match(await look(signingKeys, faulty), [/^problem SECRET_KEYS is not set/])
  t.match(await look(variables, patient({ RAILWAY_PROJECT_ID: 'x', TRUST_PROXY: 'none' })), [/^problem NODE_ENV is not production on a hosting/])
})

test('storage that cannot be written is a problem; what a bucket lacks is a warning', async (t) => {
  const { patient, env } = await createPatient(t)
  t.match(await look(storage, patient()), [/^ok .*: files are written, read and removed$/])
  await writeFile(join(env.STORAGE_DIR ?? '', 'file'), '')
  t.match(await look(storage, patient({ STORAGE_DIR: join(env.STORAGE_DIR ?? '', 'file', 'below') })), [/^problem .*The storage refuses/])
  const server = await startS3(t)
  if (!server) return
  const { bucket, endpoint, accessKeyId, secretAccessKey } = server.settings
  const bucketOf = { S3_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
  t.match(await look(storage, patient(bucketOf)), [/^ok the bucket/, /^warning the bucket lacks .*cors/])
})

test('a disk that is nearly full is a problem', async (t) => {
  const { patient, env } = await createPatient(t)
  t.match(await look(diskFree, patient({ DATA_DIR: env.STORAGE_DIR ?? '' })), [/DATA_DIR has [\d.]+ GB free/, /STORAGE_DIR has [\d.]+ GB free/])
  const small = await mountSmallDisk(t, 4)
  if (!small) return
  t.match(await look(diskFree, patient({ STORAGE_DIR: join(small, 'not', 'there') })), [/DATA_DIR/, /^problem STORAGE_DIR has 0\.0 GB free/])
})

test("the platform's account is tried; servers that rest and mails that stayed are warnings", async (t) => {
  const { patient, hub, db, platform, site } = await createPatient(t)
  t.match(await look(mail, patient()), [/^warning the platform has no mail account/])
  const server = await startSmtpServer(t)
  const account = { provider: 'smtp', host: '127.0.0.1', port: server.port, security: 'none', senderAddress: 'hub@hub.example' }
  await hub.mailAccount.create({ data: { tenantId: platform.id, ...account } })
  const allowed = { MAIL_PRIVATE_HOSTS: '127.0.0.1' }
  t.same(await look(mail, patient(allowed)), ["ok the platform's server takes its settings"])
  server.faults.connect = 554
  await db.mailAccount.create({
    data: { tenantId: site.id, ...account, failures: 3, lastFailure: 'unreachable', pausedUntil: new Date(Date.now() + day) },
  })
  const message = { kind: 'test', recipient: 'a@b.example', locale: 'en', variables: {}, status: 'dead', intent: 'x', expiresAt: new Date() }
  await db.mailMessage.create({ data: { tenantId: site.id, id: '01890000-0000-7000-8000-000000000001', ...message } })
  t.match(await look(mail, patient(allowed)), [
    'warning mail servers rest after failures, of one',
    'warning mails could not be delivered: one 1',
    /^problem the platform's account does not work\. It failed at connecting/,
  ])
})

test('a key that is missing, does not open or is overdue is found at its site, and so is any secret that no key opens', async (t) => {
  const { patient, data, db, site, key } = await createPatient(t)
  t.same(await look(signingKeys, patient()), ['ok every one of 2 sites can sign'])
  t.same(await look(sealedSecrets, patient()), ['ok SECRET_KEYS open all 2 values'])
  t.match(await look(signingKeys, patient({}, { now: () => Date.now() + 93 * day })), ['warning the key is overdue at console, one'])
  const strange = createSecretBox([{ id: 'other', key: randomBytes(32) }])
  await db.signingKey.deleteMany()
  t.same(await look(signingKeys, patient()), ['problem no key signs for one'])
  await db.signingKey.create({ data: newSigningKey(strange, site.id) })
  t.same(await look(signingKeys, patient()), ['problem SECRET_KEYS do not open the key of one: nobody signs in there'])
  t.match(await look(sealedSecrets, patient()), [new RegExp(`^problem no key opens signing_keys\\.sealed_private ${site.id}`)])
  await data.owner.query('delete from signing_keys where tenant_id = $1', [site.id])
  const newer = `newer:${randomBytes(32).toString('base64')},test:${key.toString('base64')}`
  t.same(await look(sealedSecrets, patient({ SECRET_KEYS: newer })), [
    'ok SECRET_KEYS open all 1 values, 1 of them by an older key: "tenantry secrets reseal" frees it',
  ])
})

test('no worker is a warning, jobs that wait are a problem, jobs that failed for good are told; a worker that is there is seen', async (t) => {
  const { patient, data } = await createPatient(t)
  t.same(await look(jobQueue, patient()), ['warning no job worker is connected: no mail leaves'])
  const session = createJobSession(data.url, () => {})
  t.teardown(() => session.close())
  await session.keepLock('worker x')
  t.match(await look(jobQueue, patient()), [/^ok 1 connected/])
  await data.owner.query(`select graphile_worker.add_job('daily', '{}', run_at => now() - interval '1 hour', max_attempts => 1)`)
  t.same(await look(jobQueue, patient()), ['problem jobs wait for more than ten minutes: daily'])
  await data.owner.query(`update graphile_worker._private_jobs set attempts = 1, last_error = 'no'`)
  t.same(await look(jobQueue, patient()), ['warning jobs failed for good: 1 of daily'])
})

test('Redis that is set and away is a problem', async (t) => {
  const { patient } = await createPatient(t)
  t.match(await look(redis, patient()), [/^skipped/])
  t.match(await look(redis, patient({ REDIS_URL: 'redis://127.0.0.1:1' })), [/^problem it cannot be used/])
  const server = await startRedis(t)
  if (server) t.same(await look(redis, patient({ REDIS_URL: server.url })), ['ok it takes what is written'])
})

test('a backup counts once it is verified, and for 26 hours', async (t) => {
  const { patient } = await createPatient(t)
  t.match(await look(backupAge, patient()), [/^skipped/])
  const BACKUP_DIR = await temporaryFolder(t)
  const place = await openStorage({ driver: 'disk', dir: BACKUP_DIR })
  t.teardown(() => place.close())
  const checked = () => look(backupAge, patient({ BACKUP_DIR }, { now: () => Date.parse('2026-11-26T12:00:00Z') }))
  t.same(await checked(), ['problem there is no verified backup'])
  const keep = async (name: string, ...files: string[]) => {
    for (const file of files) await place.put(`backups/${name}/${file}`, Buffer.from('{}'), { contentType: 'application/json' })
  }
  await keep('20261125T080000Z-0123abcd', 'dump.pgc', 'manifest.json', 'verified.json')
  await keep('20261126T020000Z-4567abcd', 'dump.pgc', 'manifest.json')
  t.same(await checked(), ['problem the newest verified backup is 28 hours old'])
  await keep('20261126T020000Z-4567abcd', 'verified.json')
  t.same(await checked(), ['ok the newest verified one is 10 hours old'])
  await chmod(BACKUP_DIR, 0o755)
  t.same(await checked(), ['ok the newest verified one is 10 hours old', 'warning others on this machine may read backups'])
})

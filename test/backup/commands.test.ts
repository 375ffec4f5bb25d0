import { generateIdentity, identityToRecipient } from 'age-encryption'
import t from 'tap'
import { runTenantry } from '../cli/run-tenantry.ts'
import { bucketEnv } from '../media/storages.ts'
import { startFaultyProxy } from '../storage/faulty-proxy.ts'
import { startS3 } from '../storage/s3-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { createBackupSource } from './backup-source.ts'

const run = (args: string[], env: Record<string, string> = {}) => runTenantry(['backup', ...args], env)
const url = 'postgresql://nobody@127.0.0.1:1/none'

t.test('what is missing or wrong is told in one line', async (t) => {
  const BACKUP_DIR = await temporaryFolder(t)
  const cases: [args: string[], env: Record<string, string>, code: number, complaint: RegExp][] = [
    [['run'], { DATABASE_URL: url }, 1, /^BACKUP_BUCKET must be set, or BACKUP_DIR: .*\n$/],
    [['run'], { DATABASE_URL: url, BACKUP_BUCKET: 'bucket' }, 1, /^BACKUP_RECIPIENT must be set, or BACKUP_KMS_KEY: .*\n$/],
    [['run'], { DATABASE_URL: url, BACKUP_DIR }, 1, /^The database cannot be reached: .*\n$/],
    [['list'], { BACKUP_DIR, BACKUP_BUCKET: 'bucket' }, 1, /BACKUP_DIR must not be set together with BACKUP_BUCKET/],
    [['list', '--max-age', '26h'], { BACKUP_DIR }, 1, /^No verified backup is younger than 26 hours: there is none\. .*\n$/],
    [['list', '--max-age', 'soon'], { BACKUP_DIR }, 2, /A time is a number of hours or days/],
    [['verify'], { BACKUP_DIR }, 1, /^There is no backup yet: tenantry backup run makes one\.\n$/],
    [['drill', '--into', url], { BACKUP_DIR, BACKUP_IDENTITY_FILE: '/nowhere' }, 1, /^BACKUP_IDENTITY_FILE cannot be read \(ENOENT\)\.\n$/],
  ]
  for (const [args, env, code, complaint] of cases) {
    const ended = await run(args, env)
    t.match(ended, { code, err: complaint }, `${args.join(' ')} with ${Object.keys(env)}`)
    t.notMatch(ended.err, /\n\s+at /)
  }
})

t.test('a login that may only add takes a backup and ends with 0; who may read verifies it afterwards', async (t) => {
  const [source, server] = [await createBackupSource(t), await startS3(t)]
  if (!source || !server) return
  const proxy = await startFaultyProxy(t, server.settings.endpoint)
  const { S3_BUCKET: BACKUP_BUCKET = '', ...login } = bucketEnv(server.settings)
  const BACKUP_RECIPIENT = await identityToRecipient(await generateIdentity())
  const reader = { ...login, BACKUP_BUCKET, PG_BIN_DIR: source.folders[0] ?? '' }
  proxy.fail(403, Number.POSITIVE_INFINITY, /^(GET|HEAD) /)
  const taken = await run(['run'], { ...reader, S3_ENDPOINT: proxy.url, BACKUP_RECIPIENT, DATABASE_URL: source.data.url })
  t.equal(taken.code, 0, taken.err)
  t.match(taken.out, /^\d{8}T\d{6}Z-[0-9a-f]{8}: \d+ rows of \d+ tables, \d+\.\d KB, encrypted\nnot verified: this login may only add\./)
  t.ok(proxy.met() > 0, 'control')
  t.match(await run(['list', '--max-age', '26h'], reader), { code: 1, out: /yes +NO\n$/ })
  t.match(await run(['verify'], reader), { code: 0, out: /what is stored is what was written\. It is encrypted/ })
  t.match(await run(['list', '--max-age', '26h'], reader), { code: 0, out: /yes +yes\n$/ })
  const refused = await run(['list'], { ...reader, S3_ENDPOINT: proxy.url })
  t.match(refused, { code: 1, err: /^The place of backups refuses: look at BACKUP_BUCKET, BACKUP_KMS_KEY, .*\n$/ })
})

import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startS3 } from '../storage/s3-server.ts'
import { runTenantry } from './run-tenantry.ts'

const run = (args: string[], env: Record<string, string>) => runTenantry(['storage', ...args], env)

t.test('a folder is tried out, and nothing of that stays', async (t) => {
  const dir = join(await mkdtemp(join(tmpdir(), 'tenantry-storage-')), 'files')
  t.same(await run(['check'], { STORAGE_DIR: dir }), { code: 0, out: `${dir}: files are written, read and removed\n`, err: '' })
  t.same(await readdir(join(dir, 'objects')), [])
  const blocked = join(await mkdtemp(join(tmpdir(), 'tenantry-storage-')), 'file')
  await writeFile(blocked, '')
  const failed = await run(['check'], { STORAGE_DIR: join(blocked, 'below') })
  t.match(failed, { code: 1, out: '' })
  t.match(failed.err, /^The storage refuses: look at S3_BUCKET, .* STORAGE_DIR\. \(Error: ENOTDIR.*\)\n$/)
  t.match(await run(['apply'], { STORAGE_DIR: dir }), { code: 1, err: 'S3_BUCKET must be set: a folder has nothing to set.\n' })
})

t.test('a bucket is tried out and compared; what it lacks is told, set where the server can, and then holds', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const { bucket, endpoint, accessKeyId, secretAccessKey } = server.settings
  const env = { S3_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
  const before = await run(['check'], env)
  t.equal(before.code, 1)
  t.match(before.out, `${bucket}: objects are written, read and removed, whole and in parts\n`)
  t.match(before.out, /^MISSING cors: /m)
  t.match(
    before.out,
    /^unknown +lifecycle archive: the bucket moves what is tagged for it and larger than 512 KB to Glacier Instant Retrieval after 90 days$/m,
  )
  t.match(before.err, /tenantry storage apply sets what is missing/)
  const applied = await run(['apply'], env)
  t.match(applied.out, /^set +cors: /m)
  t.match(applied.out, /^plain +tls: the bucket refuses requests that are not encrypted$/m, 'it would have shut us out, who come without')
  t.match(applied.out, /\n\nS3_ENDPOINT is one without TLS: /)
  const after = await run(['check'], env)
  t.match(after.out, /^ok +cors: /m)
  t.match(after.out, /^plain +tls: /m)
  t.notMatch(after.out, 'MISSING')
  t.equal(after.code, 0)
  t.notMatch((await run(['apply'], env)).out, /^set /m, 'a second time there is nothing to set')
})

t.test('--json has what was found for programs, with the same exit codes', async (t) => {
  const dir = join(await mkdtemp(join(tmpdir(), 'tenantry-storage-')), 'files')
  const folder = await run(['check', '--json'], { STORAGE_DIR: dir })
  t.same([folder.code, JSON.parse(folder.out)], [0, { storage: dir, works: true, findings: [] }])
  const server = await startS3(t)
  if (!server) return
  const { bucket, endpoint, accessKeyId, secretAccessKey } = server.settings
  const env = { S3_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
  const lacking = await run(['check', '--json'], env)
  t.same([lacking.code, lacking.err], [1, ''])
  const { storage, findings } = JSON.parse(lacking.out)
  t.equal(storage, bucket)
  t.equal(findings.length, 8)
  t.match(
    findings.find(({ name }: { name: string }) => name === 'cors'),
    { outcome: 'lacks', wants: 'takes parts of large files from browsers' },
  )
})

t.test('a bucket that is not there, keys that are wrong and a server that is gone end with 1 and one line that says where to look', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const { bucket, endpoint, accessKeyId, secretAccessKey } = server.settings
  const env = { S3_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
  const cases: [Record<string, string>, RegExp][] = [
    [{ S3_BUCKET: 'not-there' }, /^The storage refuses: .* \(NoSuchBucket: .*\)\n$/],
    [{ S3_SECRET_ACCESS_KEY: 'hunter2-hunter2' }, /^The storage refuses: .* \(SignatureDoesNotMatch: .*\)\n$/],
    [{ S3_ENDPOINT: 'http://127.0.0.1:1' }, /^The storage does not answer: look at S3_ENDPOINT .*\n$/],
  ]
  for (const [change, complaint] of cases) {
    const { code, out, err } = await run(['check'], { ...env, ...change })
    t.same([code, out], [1, ''])
    t.match(err, complaint)
    t.notMatch(err, /hunter2|\n\s+at /)
  }
})

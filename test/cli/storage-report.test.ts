import { mkdir, truncate, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Test, test } from 'tap'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { createTestDatabase, type TestTenant } from '../database.ts'
import { startS3 } from '../storage/s3-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { runTenantry } from './run-tenantry.ts'

const MB = 1024 ** 2

async function start(t: Test) {
  const data = await createTestDatabase(t)
  const sites: TestTenant[] = []
  for (const slug of ['one', 'other', 'gone']) sites.push(await data.addTenant({ slug }))
  await data.owner.query(`update tenants set status = 'deleted' where slug = 'gone'`)
  const dir = await temporaryFolder(t)
  return {
    sites,
    /** An object of so many days, as large as that and empty. */
    async keep(slug: string, key: string, { size, days }: { size: number; days: number }) {
      const path = join(dir, 'objects', 'tenants', sites.find((site) => site.slug === slug)?.id ?? '', key)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, '')
      await truncate(path, size)
      const then = new Date(Date.now() - days * 24 * 3_600_000)
      await utimes(path, then, then)
    },
    run: (args: string[], more: Record<string, string> = {}) =>
      runTenantry(['storage', 'report', ...args], { DATABASE_URL: data.url, STORAGE_DIR: dir, ...more }),
  }
}

test('every site has a line in each table, deleted ones too, and their sum comes last', async (t) => {
  const { keep, run } = await start(t)
  await keep('one', 'media/a/original', { size: 100 * MB, days: 100 })
  await keep('one', 'media/b/original', { size: 2 * MB, days: 40 })
  await keep('one', 'media/a/large', { size: 10 * MB, days: 500 })
  await keep('gone', 'media/c/original', { size: 1024 * MB, days: 500 })
  const { code, out, err } = await run([])
  t.same([code, err], [0, ''])
  t.equal(
    out,
    `What is kept. Originals are those worth archiving: larger than 512 KB; by age in days.

site   objects      size  originals      size  0-30   30-90    90-365  365 and more
gone         1    1.0 GB          1    1.0 GB   0 B     0 B       0 B        1.0 GB
one          3  112.0 MB          2  102.0 MB   0 B  2.0 MB  100.0 MB           0 B
other        0       0 B          0       0 B   0 B     0 B       0 B           0 B
all          4    1.1 GB          3    1.1 GB   0 B  2.0 MB  100.0 MB        1.0 GB

What it costs, in dollars.

site   a month in Standard  with the archive   saved  moving, once  paid back after  reading all in Standard  with the archive
gone                0.0230            0.0040  0.0190       <0.0001            1 day                  <0.0001            0.0300
one                 0.0025            0.0007  0.0019       <0.0001            1 day                  <0.0001            0.0029
other               0.0000            0.0000  0.0000        0.0000                -                   0.0000            0.0000
all                 0.0255            0.0047  0.0209       <0.0001            1 day                  <0.0001            0.0330

The archive saves 0.0209 a month (81.7 %); it has lost money until 1 day after the move.
It loses money where all that has moved is read more often than once in 48 days.
`,
  )
})

test('one site has no sum; where nothing is large and old enough, or the prices are others, the last lines say what that means', async (t) => {
  const { keep, run } = await start(t)
  await keep('one', 'media/a/original', { size: 10 * MB, days: 10 })
  await keep('one', 'media/b/original', { size: MB / 2, days: 900 })
  const young = await run(['one'])
  t.equal(young.code, 0)
  t.notMatch(young.out, /^(all|other)\b/m)
  t.match(young.out, /\n\nNothing is large and old enough: the archive saves nothing yet, and costs nothing\.\n$/)
  await keep('one', 'media/c/original', { size: 1024 * MB, days: 90.1 })
  const dear = await run(['one', '--price-archive', '0.053', '--price-move', '100'])
  t.match(dear.out, /\n\nThe archive loses money at these prices: 0\.1000 to move there, and 0\.0300 more each month\.\n$/)
})

test('--json has bytes, dollars and months as they are, and the prices that they follow from', async (t) => {
  const { keep, run } = await start(t)
  await keep('one', 'media/a/original', { size: 1024 * MB, days: 100 })
  const { code, out } = await run(['--json', '--price-read-archive-gb', '0.05'])
  t.equal(code, 0)
  const report = JSON.parse(out)
  t.match(report.prices, { standard: 0.023, archive: 0.004, readArchiveGb: 0.05 })
  t.same(
    report.sites.map(({ site }: { site: string }) => site),
    ['gone', 'one', 'other'],
  )
  t.match(report.total, {
    all: { objects: 1, bytes: 1024 * MB },
    originals: [{ fromDays: 0, objects: 0 }, { fromDays: 30 }, { fromDays: 90, objects: 1, bytes: 1024 * MB }, { fromDays: 365 }],
    moved: { objects: 1 },
    month: { standard: 0.023, archive: 0.004, saved: 0.019 },
    moving: 0.00002,
    paidBackAfter: 0.00002 / 0.019,
  })
  t.ok(Math.abs(report.total.reading.archive - 0.05001) < 1e-12)
})

test('a bucket is listed as a folder is', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const { sites, run } = await start(t)
  const [one] = sites
  const storage = createS3Storage(server.settings)
  t.teardown(() => storage.close())
  await tenantStorage(storage, one?.id ?? '').put('media/a/original', Buffer.alloc(600_000), { contentType: 'image/png', archive: true })
  const { bucket, endpoint, accessKeyId, secretAccessKey } = server.settings
  const env = { S3_BUCKET: bucket, S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey }
  const { code, out } = await run(['one', '--json'], env)
  t.equal(code, 0)
  t.match(JSON.parse(out).total, { all: { objects: 1, bytes: 600_000 }, originals: [{ objects: 1 }, {}, {}, {}], moved: { objects: 0 } })
})

test('what cannot be done ends with 1, one clear line and no part of a report', async (t) => {
  const { run } = await start(t)
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['nobody'], {}, /^There is no site "nobody"\.\n$/],
    [['one'], { DATABASE_URL: '' }, /^DATABASE_URL must be set: .+\n$/],
    [['one'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, /^The database of DATABASE_URL cannot be reached\.\n$/],
    [['one'], { S3_BUCKET: 'none', S3_ENDPOINT: 'http://127.0.0.1:1' }, /^The storage does not answer: look at S3_ENDPOINT .+\n$/],
  ]
  const { code, out, err } = await run(['one', '--price-standard', '-1'])
  t.same([code, out], [2, ''])
  t.match(err, /^error: option '--price-standard <dollars>' argument '-1' is invalid\. A price is .+\n$/)
  for (const [args, env, complaint] of cases) {
    const { code, out, err } = await run(args, env)
    t.same([code, out], [1, ''], args.join(' '))
    t.match(err, complaint)
  }
})

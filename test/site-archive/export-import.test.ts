import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { test } from 'tap'
import { extract } from 'tar-stream'
import { nameObjects } from '../../src/cli/site-archive/name-objects.ts'
import { checkArchive } from '../../src/site-archive/check-archive.ts'
import { createDecrypter } from '../../src/site-archive/encryption.ts'
import { carriedTables } from '../../src/site-archive/travelling-tables.ts'
import { createS3Storage } from '../../src/storage/s3-storage.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { startS3 } from '../storage/s3-server.ts'
import { addFullSite, createHub, identity, objectsOf, passphrase, rowsOf, sourceOf } from './hub.ts'

/** The parts of rows but those of the log, which tells of each export, as the archive has them: every value as PostgreSQL wrote it. */
async function rowParts(archive: Buffer): Promise<Record<string, string>> {
  const tar = extract()
  ;(await createDecrypter({ identities: [identity] })(Readable.from([archive]))).pipe(tar)
  const parts: Record<string, string> = {}
  for await (const entry of tar) parts[entry.header.name] = (await buffer(Readable.from(entry))).toString()
  return Object.fromEntries(Object.entries(parts).filter(([name]) => name.startsWith('tables/') && !name.startsWith('tables/audit_events/')))
}

test('a site goes into another hub with its rows, secrets and files, and keeps its id; the sites there stay as they are', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const other = await addFullSite(there, 'other')
  const [rows, before, files] = [await rowsOf(here, site.id), await rowsOf(there, other.id), await objectsOf(there.storage)]
  const { archive, exported } = await here.export('cecab')
  t.match(exported, { objects: 3, missing: [], unreadable: [] })
  t.notOk(archive.includes('secret of'), 'it is encrypted')
  const imported = await there.import(archive, { hosts: ['Cecab.example.'] })
  t.match(imported, { tenantId: site.id, slug: 'cecab', status: 'active', objects: 3 })
  const after = await rowsOf(there, site.id)
  // That it was exported and imported, and what became of its hosts.
  const added = (table: string) => (table === 'audit_events' ? 6 : 0)
  for (const table of [...Object.keys(carriedTables), 'media_references', 'media_usage']) {
    // Its only mail waits to be sent.
    const wanted = table === 'mail_messages' ? [] : rows[table]
    t.same(
      (after[table] ?? []).filter((row) => wanted?.includes(row)),
      wanted,
      table,
    )
    t.equal(after[table]?.length, (wanted?.length ?? 0) + added(table), table)
  }
  for (const table of ['sessions', 'email_challenges', 'operator_entries']) t.same([rows[table]?.length, after[table]], [1, []], table)
  t.same(await objectsOf(there.storage, `tenants/${site.id}/`), await objectsOf(here.storage))
  t.same(await rowsOf(there, other.id), before, 'the other site is as it was')
  t.same(await objectsOf(there.storage, `tenants/${other.id}/`), files)
  const told = await there.data.owner.query(
    `select details ->> 'archive' as archive from audit_events where action = 'site.imported' and tenant_id = $1`,
    [site.id],
  )
  const sent = await here.data.owner.query(
    `select details ->> 'archive' as archive from audit_events where action = 'site.exported' and tenant_id = $1`,
    [site.id],
  )
  t.same([told.rows, sent.rows], [[{ archive: exported.manifest.archive }], [{ archive: exported.manifest.archive }]], 'both logs tell of it')
  const version = 'select version::int from tenants where id = $1'
  const [{ rows: old }, { rows: young }] = [await here.data.owner.query(version, [site.id]), await there.data.owner.query(version, [site.id])]
  t.ok(young[0].version > old[0].version, 'nothing that is kept by an old version is taken for it')
})

test('a copy beside the site itself has an id of its own everywhere, and the site stays as it is', async (t) => {
  const hub = await createHub(t)
  const site = await addFullSite(hub, 'cecab')
  const { archive } = await hub.export('cecab')
  const [rows, files] = [await rowsOf(hub, site.id), await objectsOf(hub.storage)]
  const copy = await hub.import(archive, { as: 'copy', newId: true, hosts: ['copy.example'] })
  t.not(copy.tenantId, site.id)
  t.match(copy, {
    slug: 'copy',
    leftOut: [{ host: 'cecab.example' }],
    hosts: [{ host: 'copy.example', proven: true, canonical: true }, { host: 'claimed.cecab.example' }],
  })
  t.same(await rowsOf(hub, site.id), rows)
  t.same(await objectsOf(hub.storage, `tenants/${site.id}/`), files)
  // Ids of rows are the tenant's own id in this test, so that they say nothing of it: what the log calls the site does.
  const { rows: events } = await hub.data.owner.query(`select distinct target from audit_events where tenant_id = $1 and target_kind = 'site'`, [
    copy.tenantId,
  ])
  t.same(events, [{ target: copy.tenantId }])
  const { rows: keys } = await hub.data.owner.query('select sealed_private from signing_keys where tenant_id = $1', [copy.tenantId])
  t.equal(
    hub.box.open(keys[0].sealed_private, { tenantId: copy.tenantId, field: 'signing_keys.sealed_private' }),
    'secret of signing_keys.sealed_private',
  )
  t.throws(() => hub.box.open(keys[0].sealed_private, { tenantId: site.id, field: 'signing_keys.sealed_private' }), 'and belongs to the copy alone')
})

test('history of mail goes along and wakes nobody; what waits to be sent stays', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  await here.data.owner.query(
    `insert into mail_messages (tenant_id, id, kind, recipient, locale, variables, challenge_id, intent, status, expires_at)
     values ($1, gen_random_uuid(), 'test', 'rui@example.test', 'pt', '{}', $1, 'sent', 'sent', now())`,
    [site.id],
  )
  await there.import((await here.export('cecab')).archive)
  const { rows } = await there.data.owner.query('select intent, challenge_id from mail_messages where tenant_id = $1', [site.id])
  t.same(rows, [{ intent: 'sent', challenge_id: null }])
})

test('any value survives: exported again, the rows are the same byte for byte', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { owner } = here.data
  const awkward = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => text.isWellFormed() && !text.includes('\u0000'))
  const samples = fc.sample(
    fc.tuple(awkward, fc.jsonValue(), fc.uint8Array({ maxLength: 40 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    60,
  )
  for (const [at, [text, json, bytes, big]] of samples.entries()) {
    const data = JSON.stringify({ text, json, big: '__' }).replaceAll('\\u0000', '').replace('"__"', `${big}.000000000000000000010`)
    await owner.query(`insert into entries (tenant_id, id, collection_id, slug, data) values ($1, gen_random_uuid(), $1, $2, $3)`, [
      site.id,
      `e${at}`,
      data,
    ])
    await owner.query(`insert into recovery_codes (tenant_id, id, member_id, salt, hash) values ($1, gen_random_uuid(), $1, $2, $2)`, [
      site.id,
      Buffer.from(bytes),
    ])
    await owner.query(`insert into roles (tenant_id, id, slug, name, permissions) values ($1, gen_random_uuid(), $2, $2, $3)`, [
      site.id,
      `r${at}`,
      [text, 'NULL', '{"a"}'],
    ])
    await owner.query(
      `insert into totp_factors (tenant_id, id, member_id, name, sealed_secret, last_step, last_used_at) values ($1, gen_random_uuid(), $1, $2, $3, $4, 'infinity')`,
      [site.id, 'a', here.box.seal(text, { tenantId: site.id, field: 'totp_factors.sealed_secret' }), big],
    )
  }
  await owner.query(`insert into entries (tenant_id, id, collection_id, slug, data) values ($1, gen_random_uuid(), $1, 'null', 'null')`, [site.id])
  await owner.query('delete from audit_events')
  const first = await here.export('cecab')
  await there.import(first.archive)
  await there.data.owner.query('delete from audit_events')
  const second = await there.export('cecab')
  t.ok(Object.keys(await rowParts(first.archive)).length > 20, 'control')
  t.same(await rowParts(second.archive), await rowParts(first.archive))
})

test('secrets that no key opens, and files that are not there, are refused by name; or they go without', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const { id } = await addFullSite(here, 'cecab')
  await here.data.owner.query(`update mail_domains set sealed_private = 'v1.lost.AAAA' where tenant_id = $1`, [id])
  await t.rejects(here.export('cecab'), {
    message: /^No SECRET_KEYS open:\n {2}mail_domains\.sealed_private example\.test\nNothing was exported\. Give --without-unreadable/,
  })
  await tenantStorage(here.storage, id).remove([`brand/${id}`])
  const events = async () => {
    const { rows } = await here.data.owner.query(`select action from audit_events where action like 'site.export%' order by id`)
    return rows.map(({ action }) => action)
  }
  t.same(await events(), ['site.export-begun'], 'the log tells of one that broke off as well')
  await t.rejects(here.export('cecab', { withoutUnreadable: true }), {
    message: new RegExp(`^The storage does not have:\n  brand/${id}\nNothing was exported\\. Give --without-missing`),
  })
  const { archive, exported } = await here.export('cecab', { withoutUnreadable: true, withoutMissing: true })
  t.match(exported, { unreadable: ['mail_domains.sealed_private example.test'], missing: [`brand/${id}`], objects: 2 })
  t.same((await events()).slice(-2), ['site.export-begun', 'site.exported'])
  await there.import(archive)
  const { rows } = await there.data.owner.query('select sealed_private from mail_domains where tenant_id = $1', [id])
  t.same(rows, [{ sealed_private: 'v1.lost.AAAA' }], 'as unreadable there as here')
})

test('a passphrase opens what it shut, and the buckets of two hubs do as folders do', async (t) => {
  const server = await startS3(t)
  if (!server) return
  const storage = createS3Storage(server.settings)
  t.teardown(() => storage.close())
  const [here, there] = [await createHub(t), await createHub(t, storage)]
  const { id } = await addFullSite(here, 'cecab')
  // More than one part of an upload, and not empty either.
  await tenantStorage(here.storage, id).put(`media/${id}/original`, Buffer.alloc(11 * 1024 ** 2, 'x'), { contentType: 'image/png' })
  const { archive } = await here.export('cecab')
  await there.import(archive)
  t.same(await objectsOf(storage), await objectsOf(here.storage))
  const back = await there.export('cecab', {}, { passphrase })
  t.match(await checkArchive(sourceOf(back.archive, { passphrase }), { naming: nameObjects }), { objects: 3, manifest: { site: { id } } })
})

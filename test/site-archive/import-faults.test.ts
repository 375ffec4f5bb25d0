import { test } from 'tap'
import { readCatalogue } from '../../src/site-archive/catalogue.ts'
import { type ObjectStorage, StorageFailure } from '../../src/storage/object-storage.ts'
import { connect } from '../database.ts'
import { eventually } from '../eventually.ts'
import { addFullSite, createHub, type Hub, objectsOf, rowsOf, sourceOf } from './hub.ts'

async function isEmpty(hub: Hub, tenantId: string): Promise<boolean> {
  const rows = Object.values(await rowsOf(hub, tenantId)).flat()
  const tenants = await hub.data.owner.query('select from tenants where id = $1', [tenantId])
  return rows.length === 0 && tenants.rows.length === 0 && Object.keys(await objectsOf(hub.storage)).length === 0
}

test('a database that refuses the rows of any table leaves no row and no object', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  const { owner } = there.data
  await owner.query(
    `create function fail() returns trigger language plpgsql as $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$`,
  )
  const tables = (await readCatalogue(owner)).map(({ name }) => name)
  for (const table of ['tenants', 'hosts', tables[0] ?? '', 'signing_keys', 'media', 'entries', tables.at(-1) ?? '']) {
    await owner.query(`create trigger fail before insert on ${table} execute function fail()`)
    await t.rejects(there.import(archive), { message: 'The database did not take the rows, and nothing was imported: the disk is full.' }, table)
    t.ok(await isEmpty(there, site.id), table)
    await owner.query(`drop trigger fail on ${table}`)
  }
  await owner.query(`create constraint trigger fail after insert on tenants deferrable initially deferred for each row execute function fail()`)
  await t.rejects(there.import(archive), { message: /the disk is full/ }, 'at the commit')
  t.ok(await isEmpty(there, site.id))
  await owner.query('drop trigger fail on tenants')
  t.match(await there.import(archive), { objects: 3 }, 'control')
  t.notOk(await isEmpty(there, site.id))
})

test('a storage that fails at any object leaves no row and no object', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  for (const at of [1, 2, 3]) {
    let puts = 0
    const storage: ObjectStorage = {
      ...there.storage,
      async put(...args) {
        if (++puts === at) throw new StorageFailure('full')
        return there.storage.put(...args)
      },
    }
    await t.rejects(there.import(archive, {}, { storage }), { message: 'the storage: full' }, `object ${at}`)
    t.equal(puts, at)
    t.ok(await isEmpty(there, site.id), `object ${at}`)
  }
})

test('a storage that fails at tidying up as well is told, with what to do', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  const storage: ObjectStorage = {
    ...there.storage,
    put: (key, ...rest) => (key.endsWith('.avif') ? Promise.reject(new StorageFailure('unavailable')) : there.storage.put(key, ...rest)),
    remove: () => Promise.reject(new StorageFailure('unavailable')),
  }
  await t.rejects(there.import(archive, {}, { storage }), {
    message: /files below tenants\/[\w-]+\/ could not be removed again: import it with --discard-files\.$/,
  })
  t.not(Object.keys(await objectsOf(there.storage)).length, 0, 'control')
  await there.import(archive, { discardFiles: true })
  t.same(await objectsOf(there.storage), await objectsOf(here.storage))
  t.match(await there.data.owner.query('select from tenants where id = $1', [site.id]), { rowCount: 1 })
})

test('an operator who stops it, and a connection that goes, leave nothing', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  const controller = new AbortController()
  const stopping: ObjectStorage = {
    ...there.storage,
    async put(...args) {
      controller.abort(new Error('Stopped.'))
      return there.storage.put(...args)
    },
  }
  await t.rejects(there.import(archive, {}, { storage: stopping, signal: controller.signal }))
  t.ok(await isEmpty(there, site.id))
  const cutting: ObjectStorage = {
    ...there.storage,
    async put(...args) {
      await there.data.owner.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      )
      return there.storage.put(...args)
    },
  }
  await t.rejects(there.import(archive, {}, { storage: cutting }), {
    message: 'The connection to the database broke, and nothing was imported: try again.',
  })
  t.ok(await isEmpty(there, site.id))
})

test('a connection that goes while the transaction ends leaves the files, and says how to learn what came of it', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive } = await here.export('cecab')
  const { owner } = there.data
  await owner.query(`create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(77); return null; end $$`)
  await owner.query(`create constraint trigger wait after insert on tenants deferrable initially deferred for each row execute function wait()`)
  const guard = await connect(t, there.data.url)
  await guard.query('select pg_advisory_lock(77)')
  const importing = there.import(archive).catch((error) => error)
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = 'commit' and wait_event = 'advisory'`
  await eventually(t, 'it waits at its commit', async () => ((await owner.query(cut)).rowCount ?? 0) > 0, 20_000)
  t.match(await importing, {
    message:
      'The database went away as the import ended: "tenantry keys list cecab" tells whether the site is there. If not, import it with --discard-files.',
  })
  t.same(await objectsOf(there.storage), await objectsOf(here.storage), 'rows may be there that name them')
  await owner.query('drop trigger wait on tenants')
  await there.import(archive, { discardFiles: true })
  t.match(await owner.query('select from tenants where id = $1', [site.id]), { rowCount: 1 })
})

test('an archive that becomes another one after it was checked leaves nothing', async (t) => {
  const [here, there] = [await createHub(t), await createHub(t)]
  const site = await addFullSite(here, 'cecab')
  const { archive: checked } = await here.export('cecab')
  await here.data.owner.query(`update members set name = 'Somebody else' where tenant_id = $1`, [site.id])
  const { archive: other } = await here.export('cecab')
  const replaced = { message: /^The archive is another one than when it was checked: .+ Nothing was imported\.$/ }
  for (const passes of [
    [checked, other, checked],
    [checked, checked, other],
  ]) {
    let at = 0
    const source = { open: () => sourceOf(passes[at++] ?? checked).open() }
    await t.rejects(there.import(source), replaced)
    t.ok(await isEmpty(there, site.id))
  }
  t.match(await there.import({ open: () => sourceOf(checked).open() }), { objects: 3 }, 'control')
})

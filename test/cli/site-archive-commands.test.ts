import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { test } from 'tap'
import { createProgram } from '../../src/cli/program.ts'
import { addFullSite, createHub, objectsOf } from '../site-archive/hub.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { runTenantry } from './run-tenantry.ts'

test('tenantry site export and import move a site to another hub, by a key', async (t) => {
  const [here, there, folder] = [await createHub(t), await createHub(t), await temporaryFolder(t)]
  const site = await addFullSite(here, 'cecab')
  const identity = await generateX25519Identity()
  await writeFile(join(folder, 'key.txt'), `# made by age-keygen\n${identity}\n`)
  const file = join(folder, 'cecab.age')
  const exported = await runTenantry(['site', 'export', 'cecab', '--to', file, '--recipient', await identityToRecipient(identity)], here.env)
  t.match(exported, { code: 0, out: /^cecab: \d+ rows and 3 objects of 1 MB are in \/.+\/cecab\.age\n$/ })
  t.equal((await stat(file)).mode & 0o777, 0o600, 'nobody else reads it')
  const env = { ...there.env, TENANTRY_PASSPHRASE: '' }
  const dry = await runTenantry(['site', 'import', file, '--identity', join(folder, 'key.txt'), '--dry-run', '--json'], env)
  t.equal(dry.code, 0, dry.err)
  t.match(JSON.parse(dry.out), { id: site.id, slug: 'cecab', objects: 3, dryRun: true, hosts: [{ host: 'cecab.example', proven: false }, {}] })
  t.same(await objectsOf(there.storage), {}, 'a dry run writes nothing')
  const imported = await runTenantry(['site', 'import', file, '--identity', join(folder, 'key.txt'), '--host', 'cecab.example'], env)
  t.equal(imported.code, 0, imported.err)
  t.match(imported.out, `cecab (active, ${site.id}): `)
  t.match(imported.out, '  cecab.example: canonical\n  claimed.cecab.example: to be proven\n')
  t.same(await objectsOf(there.storage), await objectsOf(here.storage))
  t.match(await runTenantry(['keys', 'list', 'cecab'], there.env), { code: 0 })
})

test('a pipe carries an archive by a passphrase, and nothing else', async (t) => {
  const [here, folder] = [await createHub(t), await temporaryFolder(t)]
  await addFullSite(here, 'cecab')
  const { code, out, err } = await runTenantry(['site', 'export', 'cecab', '--to', '-'], here.env)
  t.match([code, out, err], [0, /^age-encryption\.org\/v1\n/, /cecab: \d+ rows/])
  t.same(await readdir(folder), [])
})

test('what cannot be done ends with 1 and one clear line, and leaves nothing', async (t) => {
  const [hub, folder] = [await createHub(t), await temporaryFolder(t)]
  await addFullSite(hub, 'cecab')
  await hub.data.owner.query(`insert into tenants (id, slug, kind) values (gen_random_uuid(), 'console', 'platform')`)
  const [file, short, none] = ['taken.age', 'short.txt', 'none.age'].map((name) => join(folder, name))
  await writeFile(file ?? '', 'taken')
  await writeFile(short ?? '', 'too short\n')
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['export', 'nobody', '--to', none ?? ''], {}, /^There is no site "nobody"\.$/],
    [['export', 'console', '--to', none ?? ''], {}, /^"console" is the hub's own console: .+$/],
    [['export', 'cecab', '--to', file ?? ''], {}, /^\/.+taken\.age is there already: give another name\.$/],
    [['export', 'cecab', '--to', '/nowhere/at/all'], {}, /^\/nowhere\/at\/all cannot be written\.$/],
    [['export', 'cecab', '--to', none ?? '', '--passphrase-file', short ?? ''], {}, /^The passphrase must have 16 characters at least: .+$/],
    [['export', 'cecab', '--to', none ?? '', '--recipient', 'age1nonsense'], {}, /^--recipient must be a public key .+$/],
    [['export', 'cecab', '--to', none ?? ''], { TENANTRY_PASSPHRASE: '' }, /^An archive holds secrets, .+$/],
    [['export', 'cecab', '--to', none ?? ''], { SECRET_KEYS: '' }, /^SECRET_KEYS must be set\.$/],
    [['export', 'cecab', '--to', '-', '--json'], {}, /^--json goes with a file: .+$/],
    [['import', none ?? ''], {}, /^\/.+none\.age cannot be read: .+$/],
    [['import', file ?? ''], {}, /^This is not the archive of a site: .+$/],
    [['import', file ?? '', '--identity', short ?? ''], {}, /^--identity must name a file with a private key .+$/],
  ]
  for (const [args, more, complaint] of cases) {
    // In this process: a new one for each would take half a minute.
    const program = createProgram({ ...hub.env, ...more })
    await t.rejects(program.parseAsync(['site', ...args], { from: 'user' }), { message: complaint }, args.join(' '))
  }
  const asProcess = await runTenantry(['site', 'import', file ?? ''], hub.env)
  t.match(asProcess, { code: 1, out: '', err: /^This is not the archive of a site: .+\n$/ })
  t.same((await readdir(folder)).sort(), ['short.txt', 'taken.age'])
  t.equal(await readFile(file ?? '', 'utf8'), 'taken')
})

import { randomBytes } from 'node:crypto'
import { type Test, test } from 'tap'
import { newSigningKey } from '../../src/auth/keys/signing-keys.ts'
import { createSecretBox } from '../../src/security/secret-box.ts'
import { createTestDatabase } from '../database.ts'
import { runTenantry } from './run-tenantry.ts'

async function start(t: Test) {
  const data = await createTestDatabase(t)
  const key = randomBytes(32)
  const box = createSecretBox([{ id: 'test', key }])
  const database = data.open({ max: 2 })
  for (const slug of ['one', 'other', 'gone']) {
    const { id } = await data.addTenant({ slug })
    await database.forTenant(id).signingKey.create({ data: newSigningKey(box, id) })
  }
  await data.owner.query(`update tenants set status = 'suspended' where slug = 'other'`)
  await data.owner.query(`update tenants set status = 'deleted' where slug = 'gone'`)
  const env = { DATABASE_URL: data.url, SECRET_KEYS: `test:${key.toString('base64')}` }
  return {
    data,
    env,
    kids: async (slug: string): Promise<string[]> =>
      (
        await data.owner.query('select k.id from signing_keys k join tenants t on t.id = k.tenant_id where slug = $1 order by activates_at desc', [
          slug,
        ])
      ).rows.map(({ id }) => id),
    run: (args: string[], more: Record<string, string> = {}) => runTenantry(['keys', ...args], { ...env, ...more }),
  }
}

test('tenantry keys rotate makes a pending key, says from when it signs, and list shows both in a table', async (t) => {
  const { run, kids } = await start(t)
  const [old = ''] = await kids('one')
  const first = await run(['rotate', 'one'])
  t.same([first.code, first.err], [0, ''])
  const [made = '', ...rest] = await kids('one')
  t.same(rest, [old])
  t.match(first.out, new RegExp(`^one: new key ${made}, signs from 20[\\d-]+T[\\d:.]+Z\n$`))
  const again = await run(['rotate', 'one'])
  t.equal(again.code, 0)
  t.match(again.out, `one: nothing to do, the newest key is ${made}, signs from`)
  t.equal((await kids('one')).length, 2)
  const table = (await run(['list', 'one'], { SECRET_KEYS: '' })).out.trimEnd().split('\n')
  t.match(table[0], /^kid +state +created +signs from +signs until$/)
  t.match(table[1], new RegExp(`^${made} +pending +\\S+ +\\S+ +-$`))
  t.match(table[2], new RegExp(`^${old} +current +\\S+ +\\S+ +20\\S+Z$`))
  t.equal(table.length, 3)
})

test('--now leaves one key that signs, and --all goes over every site that is not deleted', async (t) => {
  const { run, kids } = await start(t)
  const before = [...(await kids('one')), ...(await kids('other'))]
  const gone = await kids('gone')
  t.match(await run(['rotate', '--all', '--now']), { code: 1, err: /Give --yes to do it/ })
  t.same([...(await kids('one')), ...(await kids('other'))], before)
  const answer = await run(['rotate', '--all', '--now', '--yes'])
  t.same([answer.code, answer.err], [0, ''])
  t.match(answer.out, /^one: new key \S+, signs\nother: new key \S+, signs\n$/)
  for (const slug of ['one', 'other']) {
    const left = await kids(slug)
    t.equal(left.length, 1)
    t.notOk(before.includes(left[0] ?? ''))
  }
  t.same(await kids('gone'), gone)
})

test('what cannot be done ends with 1 and one clear line, and changes nothing', async (t) => {
  const { run, kids, data } = await start(t)
  const before = [await kids('one'), await kids('other')]
  const strange = { SECRET_KEYS: `test:${randomBytes(32).toString('base64')}` }
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['rotate', 'nobody'], {}, /^There is no site "nobody"\.\n$/],
    [['rotate', 'gone', '--now'], {}, /^The site "gone" is deleted\.\n$/],
    [['rotate'], {}, /^Name a site, or give --all\.\n$/],
    [['rotate', 'one'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, /^The database of DATABASE_URL cannot be reached\.\n$/],
    [['rotate', '--all'], strange, /^one: The signing key .+\nother: The signing key .+\n$/],
    [['rotate', '--all', '--now', '--yes'], strange, /^one: The signing key .+\nother: The signing key .+\n$/],
    [['rotate', 'one', '--unreadable'], {}, /^--unreadable goes with --now: .+\n$/],
  ]
  for (const [args, env, complaint] of cases) {
    const { code, out, err } = await run(args, env)
    t.equal(code, 1, args.join(' '))
    t.match(err, complaint)
    t.equal(out, '')
  }
  t.same([await kids('one'), await kids('other')], before)
  await data.owner.query(`update signing_keys set sealed_private = 'v1.lost.AAAA' where tenant_id = (select id from tenants where slug = 'one')`)
  const half = await run(['rotate', '--all'])
  t.equal(half.code, 1)
  t.match(half.err, /^one: The signing key/)
  t.match(half.out, /^other: new key/, 'one site’s fault is not the next one’s')
  const [lost] = await kids('one')
  t.equal((await run(['rotate', 'one', '--now', '--unreadable'])).code, 0)
  t.not((await kids('one'))[0], lost, 'what is lost is replaced where somebody says so')
})

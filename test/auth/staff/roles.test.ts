import t from 'tap'
import { newId } from '../../../src/security/random-token.ts'
import { permissions, platformPermissions } from '../../../src/tenancy/permissions.ts'
import { eventually } from '../../eventually.ts'
import { outcome } from '../auth-calls.ts'
import { createStaffApp } from './staff-calls.ts'

const { a, b, data, dbOf, enter, addRole, addPerson, personWith, addPlatform, eventsOf } = await createStaffApp(t)
const owner = await enter(a, a.owner)
const manager = await personWith(a, 'roles:read', 'roles:write', 'content:read')
const roleRow = async (site: { id: string }, slug: string) =>
  (await data.owner.query('select * from roles where tenant_id = $1 and slug = $2', [site.id, slug])).rows[0]

t.test('a role of the site’s own answers 201, is listed after those of every site, and allows what it says', async (t) => {
  const answer = await owner.ask('POST', '/v1/roles', { slug: 'press', name: 'Imprensa', permissions: ['content:read', 'content:write'] })
  t.equal(answer.statusCode, 201)
  t.same(answer.json(), { slug: 'press', name: 'Imprensa', permissions: ['content:read', 'content:write'], builtIn: false })
  const { items } = (await manager.ask('GET', '/v1/roles')).json()
  t.same(
    items.slice(0, 4).map(({ slug }: { slug: string }) => slug),
    ['admin', 'editor', 'member', 'owner'],
  )
  t.match(
    items.find(({ slug }: { slug: string }) => slug === 'press'),
    answer.json(),
  )
  const person = await addPerson(a, 'press')
  t.same((await person.ask('GET', '/v1/me')).json().permissions, ['content:read', 'content:write'])
  const { id } = await roleRow(a, 'press')
  t.match(await eventsOf(a, id), [{ action: 'role.created', actor: owner.id, details: { permissions: ['content:read', 'content:write'] } }])
})

t.test('a permission that the catalogue does not have, or that is for the hub’s staff alone, answers 400', async (t) => {
  for (const asked of ['everything', '*', 'MEMBERS:READ', 'members:read ', 7, null, ...platformPermissions]) {
    const answer = await owner.ask('POST', '/v1/roles', { slug: 'bad', name: 'Bad', permissions: ['site:read', asked] })
    t.equal(outcome(answer), '400 REQUEST_INVALID', String(asked))
  }
  const bodies = {
    'no permissions': { slug: 'bad', name: 'Bad' },
    'one twice': { slug: 'bad', name: 'Bad', permissions: ['site:read', 'site:read'] },
    'a name with a line end': { slug: 'bad', name: 'Bad\r\nBcc: x', permissions: [] },
    'a name of spaces': { slug: 'bad', name: '  ', permissions: [] },
    'a slug in capitals': { slug: 'Bad', name: 'Bad', permissions: [] },
    'a slug of 64': { slug: 'b'.repeat(64), name: 'Bad', permissions: [] },
    'a slug that begins with a hyphen': { slug: '-bad', name: 'Bad', permissions: [] },
  }
  for (const [title, body] of Object.entries(bodies)) t.equal(outcome(await owner.ask('POST', '/v1/roles', body)), '400 REQUEST_INVALID', title)
  t.notOk(await roleRow(a, 'bad'))
})

t.test('on the hub’s own site an operator makes roles with its permissions', async (t) => {
  const { operator } = await addPlatform()
  const answer = await operator.ask('POST', '/v1/roles', { slug: 'support', name: 'Support', permissions: ['tenants:read'] })
  t.equal(answer.statusCode, 201)
  const { items } = (await operator.ask('GET', '/v1/permissions?language=en')).json()
  t.equal(items.length, permissions.length + platformPermissions.length)
})

t.test('nobody makes, changes or removes a role that allows more than they may: 403 ROLE_BEYOND_OWN', async (t) => {
  const strong = await addRole(a, ['mail:read'])
  const weak = await addRole(a, ['content:read'])
  t.equal(outcome(await manager.ask('POST', '/v1/roles', { slug: 'more', name: 'More', permissions: ['mail:read'] })), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await manager.ask('PATCH', `/v1/roles/${weak}`, { permissions: ['content:read', 'mail:read'] })), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await manager.ask('PATCH', `/v1/roles/${strong}`, { permissions: [] })), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await manager.ask('PATCH', `/v1/roles/${strong}`, { name: 'Mine' })), '403 ROLE_BEYOND_OWN')
  t.equal(outcome(await manager.ask('DELETE', `/v1/roles/${strong}`)), '403 ROLE_BEYOND_OWN')
  t.same((await roleRow(a, strong)).permissions, ['mail:read'])
  t.equal((await manager.ask('PATCH', `/v1/roles/${weak}`, { permissions: ['content:read', 'roles:read'] })).statusCode, 200, 'control')
  t.equal((await manager.ask('DELETE', `/v1/roles/${weak}`)).statusCode, 204, 'control')
})

t.test('what a role allows is changed at once for everybody who has it', async (t) => {
  const slug = await addRole(a, ['members:read'])
  const person = await addPerson(a, slug)
  t.equal((await person.ask('GET', '/v1/members')).statusCode, 200)
  const answer = await owner.ask('PATCH', `/v1/roles/${slug}`, { name: 'Leitores', permissions: ['site:read'] })
  t.same(answer.json(), { slug, name: 'Leitores', permissions: ['site:read'], builtIn: false })
  await eventually(t, 'it counts', async () => (await person.ask('GET', '/v1/members')).statusCode === 403)
  const { id } = await roleRow(a, slug)
  const details = { before: ['members:read'], permissions: ['site:read'] }
  t.match(await eventsOf(a, id), [{ action: 'role.changed', actor: owner.id, details }])
  t.equal(outcome(await owner.ask('PATCH', `/v1/roles/${slug}`, {})), '400 REQUEST_INVALID', 'nothing to change')
  t.equal(outcome(await owner.ask('PATCH', `/v1/roles/${slug}`, { slug: 'other' })), '400 REQUEST_INVALID', 'a slug stays')
})

t.test('roles of every site are neither changed nor removed: 409 ROLE_BUILT_IN; their slugs are taken: 409 ROLE_EXISTS', async (t) => {
  for (const slug of ['owner', 'admin', 'editor', 'member']) {
    t.equal(outcome(await owner.ask('PATCH', `/v1/roles/${slug}`, { permissions: [] })), '409 ROLE_BUILT_IN', slug)
    t.equal(outcome(await owner.ask('DELETE', `/v1/roles/${slug}`)), '409 ROLE_BUILT_IN', slug)
    t.equal(outcome(await owner.ask('POST', '/v1/roles', { slug, name: 'Mine', permissions: [] })), '409 ROLE_EXISTS', slug)
  }
  t.equal(outcome(await owner.ask('POST', '/v1/roles', { slug: 'operator', name: 'Operator', permissions: [] })), '409 ROLE_EXISTS', 'the hub’s')
  t.same((await roleRow(a, 'owner')).permissions, permissions)
  const taken = await addRole(a, [])
  t.equal(outcome(await owner.ask('POST', '/v1/roles', { slug: taken, name: 'Mine', permissions: [] })), '409 ROLE_EXISTS')
})

t.test('a role in use is not removed: 409 ROLE_IN_USE with how many, deactivated members and invitations among them', async (t) => {
  const slug = await addRole(a, [])
  const [one, two] = [await addPerson(a, slug), await addPerson(a, slug)]
  await owner.ask('POST', `/v1/members/${two.id}/deactivate`)
  const invitation = (await owner.ask('POST', '/v1/invitations', { email: 'in-use@people.example', role: slug })).json()
  const refused = await owner.ask('DELETE', `/v1/roles/${slug}`)
  t.equal(outcome(refused), '409 ROLE_IN_USE')
  t.match(refused.json().issues, [{ path: '/role', message: 'members who have it: 2; open invitations to it: 1' }])
  for (const { id } of [one, two]) await owner.ask('PUT', `/v1/members/${id}/roles`, { roles: [] })
  t.equal(outcome(await owner.ask('DELETE', `/v1/roles/${slug}`)), '409 ROLE_IN_USE')
  t.equal((await owner.ask('DELETE', `/v1/invitations/${invitation.id}`)).statusCode, 204)
  const { id } = await roleRow(a, slug)
  t.equal((await owner.ask('DELETE', `/v1/roles/${slug}`)).statusCode, 204)
  t.notOk(await roleRow(a, slug))
  t.match(await eventsOf(a, id), [{ action: 'role.removed' }])
  t.equal(outcome(await owner.ask('DELETE', `/v1/roles/${slug}`)), '404 ROLE_UNKNOWN')
})

t.test('a role of another site answers 404 ROLE_UNKNOWN, and stays as it is', async (t) => {
  const slug = await addRole(b, ['site:read'])
  t.equal(outcome(await owner.ask('PATCH', `/v1/roles/${slug}`, { name: 'Ours' })), '404 ROLE_UNKNOWN')
  t.equal(outcome(await owner.ask('DELETE', `/v1/roles/${slug}`)), '404 ROLE_UNKNOWN')
  t.match(await roleRow(b, slug), { permissions: ['site:read'] })
  const keeper = await enter(b, b.owner)
  t.equal((await keeper.ask('DELETE', `/v1/roles/${slug}`)).statusCode, 204, 'control')
})

t.test('a site has fifty roles of its own at most, also when many are made at once: 409 ROLE_LIMIT', async (t) => {
  const keeper = await enter(b, b.owner)
  const row = (n: number) => ({ tenantId: b.id, id: newId(), slug: `many-${n}`, name: `Many ${n}` })
  await dbOf(b).role.createMany({ data: Array.from({ length: 48 }, (_, n) => row(n)) })
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => keeper.ask('POST', '/v1/roles', { slug: `at-once-${n}`, name: 'At once', permissions: [] })),
  )
  t.same(answers.map(outcome).sort(), ['201', '201', '409 ROLE_LIMIT', '409 ROLE_LIMIT', '409 ROLE_LIMIT', '409 ROLE_LIMIT'])
})

t.test('permissions are told in words, in the language asked for or else the site’s, and which of them the caller can grant', async (t) => {
  const say = async (query: string) => (await manager.ask('GET', `/v1/permissions${query}`)).json().items
  const words = await say('')
  t.same(
    words.map(({ permission }: { permission: string }) => permission),
    permissions,
  )
  const allows = (items: { permission: string; allows: string }[]) => items.find(({ permission }) => permission === 'audit:read')?.allows
  t.equal(allows(words), 'Ver quem fez o quê no site')
  t.equal(allows(await say('?language=en')), 'See who did what on the site')
  t.equal(allows(await say('?language=fr')), 'Voir qui a fait quoi sur le site')
  t.equal(outcome(await manager.ask('GET', '/v1/permissions?language=de')), '400 REQUEST_INVALID')
  t.same(
    words.filter(({ held }: { held: boolean }) => held).map(({ permission }: { permission: string }) => permission),
    ['roles:read', 'roles:write', 'content:read'],
  )
})

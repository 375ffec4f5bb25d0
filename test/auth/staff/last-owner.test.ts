import t from 'tap'
import { refuseLastOwner } from '../../../src/auth/staff/last-owner.ts'
import { outcome } from '../auth-calls.ts'
import { createStaffApp, type Person } from './staff-calls.ts'

const { a, b, data, dbOf, enter, addPerson, addPlatform } = await createStaffApp(t)

const ownersOf = async (site: { id: string }, slug = 'owner') =>
  (
    await data.owner.query(
      `select m.id from members m join member_roles x on x.tenant_id = m.tenant_id and x.member_id = m.id
       join roles r on r.tenant_id = x.tenant_id and r.id = x.role_id
       where m.tenant_id = $1 and m.status = 'active' and r.built_in and r.slug = $2`,
      [site.id, slug],
    )
  ).rows.map(({ id }) => id)

const demote = (who: Person, whom: Person) => who.ask('PUT', `/v1/members/${whom.id}/roles`, { roles: ['member'] })
const deactivate = (who: Person, whom: Person) => who.ask('POST', `/v1/members/${whom.id}/deactivate`)

t.test('the last owner can neither be deactivated nor give the role up: 409 LAST_OWNER', async (t) => {
  const owner = await enter(a, a.owner)
  t.equal(outcome(await deactivate(owner, owner)), '409 LAST_OWNER')
  t.equal(outcome(await demote(owner, owner)), '409 LAST_OWNER')
  t.same(await ownersOf(a), [a.owner.id])
  t.equal(
    (await owner.ask('PUT', `/v1/members/${owner.id}/roles`, { roles: ['owner', 'editor'] })).statusCode,
    200,
    'one that keeps the role may have others',
  )
  const second = await addPerson(a, 'owner')
  t.equal((await deactivate(second, second)).statusCode, 200, 'control: with another owner there it is allowed')
  t.equal(outcome(await demote(owner, owner)), '409 LAST_OWNER', 'one who is deactivated does not count')
})

t.test('an owner who is about to be erased holds nobody’s place', async (t) => {
  const owner = await enter(a, a.owner)
  const second = await addPerson(a, 'owner')
  await dbOf(a).member.updateMany({ where: { id: second.id }, data: { eraseAt: new Date(Date.now() + 86_400_000) } })
  t.equal(outcome(await demote(owner, owner)), '409 LAST_OWNER')
  await dbOf(a).member.updateMany({ where: { id: second.id }, data: { eraseAt: null } })
  t.equal((await demote(owner, second)).statusCode, 200)
})

t.test('an erasure of the last owner is refused, of others it is not', async (t) => {
  const check = (id: string) => dbOf(b).$transaction((tx) => refuseLastOwner(tx, id))
  await t.rejects(check(b.owner.id), { code: 'LAST_OWNER' })
  await dbOf(b).member.updateMany({ where: { id: b.owner.id }, data: { eraseAt: new Date() } })
  await t.rejects(check(b.owner.id), { code: 'LAST_OWNER' }, 'also where the wish was written first')
  await dbOf(b).member.updateMany({ where: { id: b.owner.id }, data: { eraseAt: null } })
  const editor = await addPerson(b, 'editor')
  await t.resolves(check(editor.id))
  const second = await addPerson(b, 'owner')
  await t.resolves(check(second.id))
  await t.resolves(check(b.owner.id))
  await t.resolves(check(a.owner.id), 'an owner of another site is nobody here')
})

t.test('a role of a site’s own that is called like ours makes no owner', async (t) => {
  const owner = await enter(a, a.owner)
  await data.owner.query(`insert into roles (tenant_id, id, slug, name) values ($1, gen_random_uuid(), 'operator', 'Operator')`, [a.id])
  await addPerson(a, 'operator')
  t.equal(outcome(await demote(owner, owner)), '409 LAST_OWNER')
})

t.test('on the hub’s own site the last operator stays, whoever is owner there', async (t) => {
  const platform = await addPlatform()
  await addPerson(platform, 'owner')
  t.equal(outcome(await deactivate(platform.operator, platform.operator)), '409 LAST_OWNER')
  t.equal(outcome(await demote(platform.operator, platform.operator)), '409 LAST_OWNER')
  const second = await addPerson(platform, 'operator')
  t.equal((await demote(second, second)).statusCode, 200, 'control')
  t.equal((await ownersOf(platform, 'operator')).length, 1)
})

t.test('of two owners who remove themselves or each other at the same moment exactly one does, in each of thirty rounds', async (t) => {
  let [one, other] = [await enter(a, a.owner), await addPerson(a, 'owner')]
  const acts = [
    [deactivate, false],
    [demote, false],
    [deactivate, true],
    [demote, true],
  ] as const
  for (let round = 0; round < 30; round++) {
    const [act, each] = acts[round % acts.length] ?? acts[0]
    const answers = await Promise.all(each ? [act(one, other), act(other, one)] : [act(one, one), act(other, other)])
    const outcomes = answers.map(outcome)
    t.equal(outcomes.filter((text) => text === '200').length, 1, `${act.name} ${each ? 'each other' : 'themselves'}: ${outcomes.join(', ')}`)
    if (!each) t.ok(outcomes.includes('409 LAST_OWNER'), outcomes.join(', '))
    const left = await ownersOf(a)
    t.equal(left.length, 1, `round ${round} leaves one`)
    one = left[0] === one.id ? one : other
    other = await addPerson(a, 'owner')
  }
})

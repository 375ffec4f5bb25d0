import t from 'tap'
import { isWithin } from '../../../src/auth/staff/beyond-own.ts'
import { permissionsOfMember, takeStaffTurn } from '../../../src/auth/staff/staff-turn.ts'
import { createStaffApp } from './staff-calls.ts'

const { a, b, app, dbOf, enter, addPerson, personWith } = await createStaffApp(t)

/** A turn of whoever calls, in a request as the guards hand it on. */
function turnOf(caller: { kind: 'member' | 'api-key'; id: string; permissions: readonly string[] }, permission: 'members:write' | 'roles:write') {
  const request = Object.assign(Object.create(null), { caller })
  return dbOf(a).$transaction((tx) => takeStaffTurn(tx, request, permission))
}

t.test('what a member holds is read anew in their turn, whatever the request was let in with', async (t) => {
  const clerk = await personWith(a, 'members:write', 'site:read')
  const caller = { kind: 'member', id: clerk.id, permissions: ['members:write', 'keys:write', 'roles:write'] } as const
  t.same([...(await turnOf(caller, 'members:write'))].sort(), ['members:write', 'site:read'])
  await t.rejects(turnOf(caller, 'roles:write'), { code: 'AUTH_FORBIDDEN' })
  const owner = await enter(a, a.owner)
  await owner.ask('POST', `/v1/members/${clerk.id}/deactivate`)
  await t.rejects(turnOf(caller, 'members:write'), { code: 'AUTH_FORBIDDEN' })
  t.same(await permissionsOfMember(dbOf(a), clerk.id), [])
})

t.test('an API key holds what the request was let in with, and no more', async (t) => {
  const caller = { kind: 'api-key', id: a.owner.id, permissions: ['members:write'] } as const
  t.same(await turnOf(caller, 'members:write'), ['members:write'])
  await t.rejects(turnOf(caller, 'roles:write'), { code: 'AUTH_FORBIDDEN' })
})

t.test('a turn of one site does not wait for that of another', async (t) => {
  const [mine, theirs] = [await enter(a, a.owner), await enter(b, b.owner)]
  const person = await addPerson(a, 'member')
  const keeper = app.database.forTenant(b.id)
  let waiting: Promise<{ statusCode: number }> | undefined
  await keeper.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('staff ' || current_setting('app.tenant_id'), 0))`
    t.equal((await mine.ask('PATCH', `/v1/members/${person.id}`, { name: 'Goes on' })).statusCode, 200)
    waiting = theirs.ask('PATCH', `/v1/members/${b.owner.id}`, { name: 'Waits' })
    const first = await Promise.race([
      waiting.then(() => 'theirs'),
      mine.ask('PATCH', `/v1/members/${person.id}`, { name: 'First' }).then(() => 'mine'),
    ])
    t.equal(first, 'mine', 'control: one of the same site does wait')
  })
  t.equal((await waiting)?.statusCode, 200, 'until the turn is over')
})

t.test('nothing is within everything, and one permission more is not', (t) => {
  t.ok(isWithin([], []))
  t.ok(isWithin(['site:read'], []))
  t.ok(isWithin(['site:read', 'site:write'], ['site:write']))
  t.notOk(isWithin(['site:read'], ['site:read', 'site:write']))
  t.end()
})

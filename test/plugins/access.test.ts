import fastify from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { accessTable } from '../../plugins/access.ts'
import { access } from '../../src/tenancy/access.ts'
import { permissions, platformPermissions } from '../../src/tenancy/permissions.ts'
import { createTestApp } from '../app.ts'
import { authCalls, outcome } from '../auth/auth-calls.ts'

const { app, data, a } = await createTestApp(t)
const { open, send } = authCalls(app)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** A service with the table alone, and what its routes would see of a caller. */
async function bare(table: Parameters<typeof accessTable>[1]['table'], caller: object) {
  const service = fastify()
  await service.register(fp(async () => {}, { name: 'session' }))
  service.decorateRequest('caller')
  service.addHook('onRequest', (request, _reply, done) => {
    Object.assign(request, { caller })
    done()
  })
  await service.register(accessTable, table ? { table } : {})
  return service
}

t.test('a route of the signed-in without a line in the table keeps the service from starting', async (t) => {
  const service = await bare({}, {})
  t.throws(() => service.get('/v1/new', async () => 'x'), { message: /GET \/v1\/new has no line in src\/tenancy\/access\.ts/ })
})

t.test('a permission that the caller lacks answers 403 AUTH_FORBIDDEN, and HEAD asks for the same as GET', async (t) => {
  const service = await bare({ 'GET /v1/x': { permission: 'mail:read' } }, { kind: 'member', permissions: ['mail:write'] })
  service.get('/v1/x', async () => 'x')
  for (const method of ['GET', 'HEAD'] as const) t.equal((await service.inject({ method, url: '/v1/x' })).statusCode, 403)
  const able = await bare({ 'GET /v1/x': { permission: 'mail:read' } }, { kind: 'member', permissions: ['mail:read'] })
  able.get('/v1/x', async () => 'x')
  for (const method of ['GET', 'HEAD'] as const) t.equal((await able.inject({ method, url: '/v1/x' })).statusCode, 200)
})

t.test('an API key with every permission is kept from what is a member’s own, and from sensitive acts: 403 AUTH_PERSON_NEEDED', async (t) => {
  const table = {
    'GET /v1/own': {},
    'GET /v1/fresh': { permission: 'keys:write', fresh: true },
    'GET /v1/may': { permission: 'keys:write' },
  } as const
  const service = await bare(table, { kind: 'api-key', permissions })
  for (const name of ['own', 'fresh', 'may']) service.get(`/v1/${name}`, async () => 'x')
  for (const name of ['own', 'fresh']) t.equal((await service.inject(`/v1/${name}`)).json().code, 'AUTH_PERSON_NEEDED')
  t.equal((await service.inject('/v1/may')).statusCode, 200)
})

t.test('an operator who acts as a member is kept from what is the member’s own, unless a line says acting: 403 AUTH_OPERATOR_REFUSED', async (t) => {
  const table = {
    'GET /v1/own': {},
    'GET /v1/fresh': { permission: 'mail:read', fresh: true },
    'GET /v1/acting': { acting: true },
    'GET /v1/may': { permission: 'mail:read' },
  } as const
  const caller = { kind: 'member', id: 'm', permissions, operator: 'o' }
  const service = await bare(table, caller)
  for (const name of ['own', 'fresh', 'acting', 'may']) service.get(`/v1/${name}`, async () => 'x')
  for (const name of ['own', 'fresh']) t.equal((await service.inject(`/v1/${name}`)).json().code, 'AUTH_OPERATOR_REFUSED', name)
  for (const name of ['acting', 'may']) t.equal((await service.inject(`/v1/${name}`)).statusCode, 200, name)
  const member = await bare(table, { ...caller, operator: undefined })
  member.get('/v1/own', async () => 'x')
  t.equal((await member.inject('/v1/own')).statusCode, 200, 'control: the member gets it')
})

t.test('every line of the table is a route that there is, and names a permission that there is', async (t) => {
  const known: readonly string[] = [...permissions, ...platformPermissions]
  for (const [route, { permission }] of Object.entries(access)) {
    const [method = '', url = ''] = route.split(' ')
    t.ok(app.hasRoute({ method: method as 'GET', url }), route)
    if (permission) t.ok(known.includes(permission), `${route}: ${permission}`)
  }
})

t.test('every line refuses who is not signed in with 401, and a member without permissions with 403', async (t) => {
  const { accessToken } = await open(a)
  await data.owner.query(`update roles set permissions = '{}' where tenant_id = $1 and slug = 'owner'`, [a.id])
  t.teardown(() => data.owner.query(`update roles set permissions = $2 where tenant_id = $1 and slug = 'owner'`, [a.id, permissions]))
  for (const [route, { permission }] of Object.entries(access)) {
    const [method, url = ''] = route.split(' ')
    const request = { method: method as 'GET', url: url.replace(/:\w+/g, 'x') }
    t.equal(outcome(await send(a, request)), '401 AUTH_REQUIRED', route)
    if (permission) t.equal(outcome(await send(a, request, bearer(accessToken))), '403 AUTH_FORBIDDEN', route)
  }
})

import { createHash } from 'node:crypto'
import t from 'tap'
import { newId } from '../../src/security/random-token.ts'
import { tenantStorage } from '../../src/storage/tenant-storage.ts'
import { type Access, access } from '../../src/tenancy/access.ts'
import { platformPermissions } from '../../src/tenancy/permissions.ts'
import { outcome } from '../auth/auth-calls.ts'
import { createStaffApp, type Person } from '../auth/staff/staff-calls.ts'
import { insertion, tenantTables } from '../db/tenant-rows.ts'
import { startDns } from '../dns-server.ts'
import { addConsole } from '../platform/operators/console.ts'

/**
 * Every line of the table against every kind of caller. A new line is covered as it is: by the rows of test/db/tenant-rows.ts, whose ids are their
 * site's own, and by the schema that its route declares. `bodies` makes the checks of bodies and foreign ids sharper; add yours.
 */
const dns = await startDns(t)
const { app, a, b, data, enter, addPerson, personWith, send } = await createStaffApp(t, { mail: { dns: dns.dns } })
/** Those of the platform's own are another matter: no site's role gives them. */
const platformOnly: readonly (string | undefined)[] = platformPermissions
const everyLine = Object.entries(access).map(([line, rule]) => {
  const [method = '', pattern = ''] = line.split(' ')
  return { line, method: method as Parameters<Person['ask']>[0], pattern, rule }
})

const lines = everyLine.filter(({ rule }) => !platformOnly.includes(rule.permission))

/** A valid body of each route that takes one. */
const bodies: Record<string, object> = {
  'POST /v1/auth/sign-out': {},
  'PATCH /v1/members/:member': { name: 'Ana' },
  'PUT /v1/members/:member/roles': { roles: ['member'] },
  'POST /v1/roles': { slug: 'made-up', name: 'Made up', permissions: ['site:read'] },
  'PATCH /v1/roles/:role': { name: 'Renamed' },
  'POST /v1/invitations': { email: 'matrix@people.example', role: 'member' },
  'POST /v1/invitations/:invitation/send-again': {},
  'PUT /v1/mail-account': { provider: 'none' },
  'PATCH /v1/media/:media': { alt: 'Harbour' },
  'POST /v1/media/:media/link': { expiresIn: 60 },
  'POST /v1/media/uploads': { name: 'a.txt', size: 1 },
  'POST /v1/media/uploads/:upload/addresses': { parts: [1] },
  'POST /v1/mail/suppressions': { email: 'matrix@people.example' },
}

/** What names a thing of the other site in an address, where it is not an id. */
const names: Record<string, string> = { role: 'only-there', kind: 'verify-email', locale: 'pt', domain: 'example.test', email: 'ana@example.test' }
/** They make what is not there. */
const making = new Set(['PUT /v1/mail/domains/:domain', 'PUT /v1/mail/templates/:kind/:locale', 'POST /v1/mail/templates/:kind/:locale/preview'])

const urlAt = (pattern: string, id: string) => pattern.replace(/:(\w+)/g, (_whole, name: string) => names[name] ?? id)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const bodyOf = (line: string) => (bodies[line] ? { payload: bodies[line] } : {})

await fillSite(b.id)

t.test('without a token every line answers 401 AUTH_REQUIRED, and with one of another site 401 AUTH_TOKEN_INVALID', async (t) => {
  const stranger = await enter(b, b.owner)
  for (const { line, method, pattern } of everyLine) {
    const request = { method, url: urlAt(pattern, a.owner.id), ...bodyOf(line) }
    t.equal(outcome(await send(a, request)), '401 AUTH_REQUIRED', line)
    t.equal(outcome(await send(a, request, bearer(stranger.token))), '401 AUTH_TOKEN_INVALID', line)
  }
  t.equal((await stranger.ask('GET', '/v1/me')).statusCode, 200, 'control: at home the token is good')
})

t.test('a member with every permission but the line’s own gets 403 AUTH_FORBIDDEN; one with it alone does not', async (t) => {
  const everything = new Set(lines.flatMap(({ rule }) => rule.permission ?? []))
  for (const permission of everything) {
    const without = await personWith(a, ...[...everything].filter((other) => other !== permission))
    const holder = await personWith(a, permission)
    for (const { line, method, pattern } of lines.filter(({ rule }) => rule.permission === permission)) {
      // Nobody's id: the holder may, and finds nothing to change.
      const url = urlAt(pattern, newId())
      t.equal(outcome(await without.ask(method, url, bodies[line])), '403 AUTH_FORBIDDEN', line)
      const allowed = outcome(await holder.ask(method, url, bodies[line]))
      t.notMatch(allowed, /AUTH_|^5/, `${line}: ${allowed}`)
    }
  }
  const nobody = await addPerson(a, 'member')
  for (const { line, method, pattern } of lines.filter((one) => !one.rule.permission && one.pattern !== '/v1/auth/sign-out')) {
    t.not(outcome(await nobody.ask(method, urlAt(pattern, newId()), bodies[line])), '403 AUTH_FORBIDDEN', `${line} is one’s own`)
  }
})

const sensitive = lines.filter(({ rule }: { rule: Access }) => rule.fresh)

t.test('sensitive acts ask for a proof of the last ten minutes, and refuse an operator who acts as the member', async (t) => {
  const owner = await enter(a, a.owner)
  const set = (text: string) => data.owner.query(`update sessions set ${text} where tenant_id = $1 and member_id = $2`, [a.id, owner.id])
  const all = async (person = owner) => {
    const found: string[] = []
    for (const { line, method, pattern } of sensitive) found.push(outcome(await person.ask(method, urlAt(pattern, newId()), bodies[line])))
    return [...new Set(found)]
  }
  t.ok(sensitive.length >= 10)
  await set(`authenticated_at = now() - interval '601 seconds'`)
  t.same(await all(), ['403 AUTH_PROOF_NEEDED'])
  const { owner: operator } = await addConsole({ app, data })
  await set(`authenticated_at = now(), operator = '${operator.id}', operator_reason = 'They asked for help'`)
  t.same(await all(), ['403 AUTH_OPERATOR_REFUSED'])
  // A session of its own: who acts in one never changes, so what is kept of it in memory need not follow.
  t.notMatch((await all(await enter(a, a.owner))).join(), /AUTH_/, 'control: fresh and in person they go through')
})

t.test('an id of another site finds nothing, and not a row of that site changes', async (t) => {
  const owner = await enter(a, a.owner)
  const before = await snapshot(b.id)
  const foreign = lines.filter((line) => line.pattern.includes(':'))
  for (const { line, method, pattern } of foreign) {
    const answer = await owner.ask(method, urlAt(pattern, b.id), bodies[line])
    if (making.has(line)) continue
    // Some removals are content with nothing being there; a body that is not in the list above may be refused before the id is looked at.
    const refusals = [404, ...(method === 'DELETE' ? [204] : []), ...(bodies[line] || method === 'GET' ? [] : [400])]
    t.ok(refusals.includes(answer.statusCode), `${line}: ${outcome(answer)}`)
  }
  t.same(await snapshot(b.id), before)
  const keeper = await enter(b, b.owner)
  // Reads before changes, and what removes comes last: the rows are few.
  const order = ['GET', 'PUT', 'PATCH', 'POST', 'DELETE']
  // What is a member's own is found by that member alone.
  const ofStaff = foreign.filter(({ rule }) => rule.permission)
  for (const { line, method, pattern } of ofStaff.toSorted((one, other) => order.indexOf(one.method) - order.indexOf(other.method))) {
    t.not((await keeper.ask(method, urlAt(pattern, b.id), bodies[line])).statusCode, 404, `control: ${line} finds its own site’s`)
  }
  t.notSame(await snapshot(b.id), before, 'control: changes show')
})

const smuggled = { roles: ['owner'], tenantId: b.id, tenant_id: b.id, permissions: ['members:write'], status: 'active', builtIn: true, epoch: 7 }

t.test('a field that a body does not have answers 400 REQUEST_INVALID on every line that takes one', async (t) => {
  const owner = await enter(a, a.owner)
  for (const [line, body] of Object.entries(bodies)) {
    const [method = '', pattern = ''] = line.split(' ')
    for (const [name, value] of Object.entries(smuggled).filter(([name]) => !Object.hasOwn(body, name) && !takes(line, name))) {
      const answer = await owner.ask(method as 'POST', urlAt(pattern, a.owner.id), { ...body, [name]: value })
      t.equal(outcome(answer), '400 REQUEST_INVALID', `${line} with ${name}`)
      const places = answer.json().issues?.map(({ path }: { path: string }) => path) ?? ['nowhere']
      t.same(
        places.filter((path: string) => path !== '' && path !== `/${name}`),
        [],
        `${line}: nothing else is wrong with it than ${name}`,
      )
    }
  }
})

t.test('every body of the API is strict, at every depth', async (t) => {
  const loose = operations().flatMap(({ name, body }) => looseObjects(body).map((path) => `${name} ${path}`))
  // Browsers put into the results of extensions whatever they like; nothing reads them.
  t.same(
    loose.filter((place) => !/^POST \/v1\/(forms|mail\/webhooks)|\/clientExtensionResults$/.test(place)),
    [],
  )
  t.same(looseObjects({ type: 'object', properties: { x: { anyOf: [{ type: 'object' }] } }, additionalProperties: false }), ['/x/0'], 'control')
})

/** A row in every table of the site, whose id is the site's own; what is there already stays. */
async function fillSite(id: string): Promise<void> {
  await data.owner.query(`insert into roles (tenant_id, id, slug, name) values ($1, $1, 'only-there', 'Only there')`, [id])
  for (const table of await tenantTables(data.owner)) {
    const { text, values } = insertion(table, id)
    await data.owner.query({ text: `${text} on conflict do nothing`, values })
  }
  // One that the storage knows too.
  const storageUpload = await tenantStorage(app.objectStorage, id).parts.begin(`media/${id}/original`, { contentType: 'text/plain' })
  await data.owner.query('update media_uploads set storage_upload = $2 where tenant_id = $1', [id, storageUpload])
}

/** Everything that the site has, as one digest a table. */
async function snapshot(id: string): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const table of await tenantTables(data.owner)) {
    const { rows } = await data.owner.query(`select coalesce(json_agg(x order by x::text), '[]')::text as all from ${table} x where tenant_id = $1`, [
      id,
    ])
    digests[table] = createHash('sha256').update(rows[0].all).digest('hex')
  }
  return digests
}

interface Schema {
  type?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  additionalProperties?: unknown
}

/** What the service says of itself: each operation that takes a JSON body. */
function operations(): { name: string; body: Schema }[] {
  const { paths } = JSON.parse(JSON.stringify(app.swagger()))
  return Object.entries<Record<string, { requestBody?: { content?: Record<string, { schema?: Schema }> } }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) => {
      const body = requestBody?.content?.['application/json']?.schema
      return body ? [{ name: `${method.toUpperCase()} ${path}`, body }] : []
    }),
  )
}

function takes(line: string, field: string): boolean {
  const name = line.replace(/:(\w+)/g, '{$1}')
  const body = operations().find((operation) => operation.name === name)?.body
  return [body, ...(body?.anyOf ?? [])].some((schema) => Object.hasOwn(schema?.properties ?? {}, field))
}

function looseObjects(schema: Schema, path = ''): string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}),
    ...Object.entries(schema.anyOf ?? []),
    ...(schema.items ? [['items', schema.items] as const] : []),
  ]
  const own = schema.type === 'object' && schema.additionalProperties !== false ? [path || '/'] : []
  return [...own, ...inner.flatMap(([name, part]) => looseObjects(part, `${path}/${name}`))]
}

import { type Test, test } from 'tap'
import { readablePalette } from '../../src/tenancy/brand/readable-palette.ts'
import { createHub } from './hub.ts'

/** Whose commands are those of sites. */
async function start(t: Test) {
  const hub = await createHub(t)
  return { ...hub, run: (args: string[], more?: Record<string, string>) => hub.run(['site', ...args], more) }
}

test('a site that site create makes is served, in its language, with readable colours and no samples; its owner comes in by the link', async (t) => {
  const { run, serve, count } = await start(t)
  const host = 'www.cecab.localhost'
  const made = await run(
    ['create', 'cecab', '--name', 'CECAB-STP', '--host', `${host}.`, '--template', 'cooperative', '--owner', 'dona@cecab.example', '--json'],
    { PUBLIC_PORT: '3000' },
  )
  t.same([made.code, made.err], [0, ''])
  const { origin, owner } = JSON.parse(made.out)
  t.equal(origin, `http://${host}:3000`)
  t.match(owner, { email: 'dona@cecab.example', role: 'owner', by: 'link' }, 'there is no account that a mail could leave through')
  const token = new URL(owner.link).searchParams.get('token') ?? ''
  t.equal(owner.link, `${origin}/account/invitation?token=${token}`)
  t.equal(await count('mail_messages'), 0)
  t.equal(await count(`audit_events where action = 'site.created' and actor_kind = 'operator'`), 1)
  t.equal(await count('entries'), 0)
  t.ok((await count('collections')) > 2)

  const ask = await serve()
  const call = (url: string, payload?: object) => ask(host, url, payload)
  const site = (await call('/v1/site')).json()
  t.match(site, { slug: 'cecab', name: 'CECAB-STP', locale: 'pt-ST', timeZone: 'Africa/Sao_Tome', brand: { publication: 0, shortName: 'CECAB-STP' } })
  t.same(readablePalette(site.brand.colors, '').advice, [], 'nothing had to be mended')
  t.match((await call('/v1/auth/read-invitation', { token })).json(), { inviter: 'Tenantry', email: 'dona@cecab.example' })
  const accepted = await call('/v1/auth/accept-invitation', { token, name: 'Dona', password: 'uma palavra bem comprida' })
  t.equal(accepted.statusCode, 200)
  t.equal((await call('/v1/auth/accept-invitation', { token, name: 'Dona', password: 'uma palavra bem comprida' })).statusCode, 400, 'good once')

  const shown = await run(['show', 'cecab'])
  t.match(shown.out, /^site +cecab, CECAB-STP$/m)
  t.match(shown.out, /^host +www\.cecab\.localhost, verified, canonical$/m)
  t.match(shown.out, /^members +1, of whom 1 own it; 0 invited$/m)
  t.match(shown.out, /^last sign-in +20\d\d-/m)
})

test('where the platform can send, the owner is invited by mail in the outbox, and who would carry it away is said to be missing', async (t) => {
  const { run, data } = await start(t)
  const { id } = await data.addTenant({ slug: 'console' })
  await data.owner.query(`update tenants set kind = 'platform' where id = $1`, [id])
  await data.owner.query(`insert into sites (tenant_id, name, locale, time_zone) values ($1, 'The hub', 'en', 'UTC')`, [id])
  await data.owner.query(
    `insert into mail_accounts (tenant_id, provider, host, port, sender_address) values ($1, 'smtp', 'mx.example', 465, 'hub@hub.example')`,
    [id],
  )
  const made = await run(['create', 'one', '--name', 'One', '--host', 'one.example', '--locale', 'en', '--owner', 'Dona@one.example'])
  t.equal(made.code, 0)
  t.equal(made.out, 'one is made: http://one.example\nDona@one.example is invited as owner; the mail is in the outbox.\n')
  t.match(made.err, /^No job worker is connected: .+\n$/)
  const { rows } = await data.owner.query('select recipient, locale, kind, status, variables from mail_messages')
  t.same(rows, [
    { recipient: 'dona@one.example', locale: 'en', kind: 'invitation', status: 'queued', variables: { inviter: 'The hub', role: 'Owner' } },
  ])
  const { rows: jobs } = await data.owner.query(`select task_identifier from graphile_worker.jobs where key <> 'mail:' || $1::text`, [id])
  t.same(jobs, [{ task_identifier: 'deliver-mail' }])
})

test('what fails half-way leaves nothing of a site', async (t) => {
  const { run, data, count } = await start(t)
  await data.owner.query('alter table invitations add constraint broken check (email_key is null)')
  const before = await count('hosts')
  const failed = await run(['create', 'one', '--name', 'One', '--host', 'one.example', '--owner', 'dona@one.example'])
  t.equal(failed.code, 1)
  for (const table of ['tenants', 'sites', 'brands', 'roles', 'signing_keys', 'audit_events']) t.equal(await count(table), 0, table)
  t.equal(await count('hosts'), before)
  await data.owner.query('alter table invitations drop constraint broken')
  t.equal(
    (await run(['create', 'one', '--name', 'One', '--host', 'one.example', '--owner', 'dona@one.example'])).code,
    0,
    'and it can be tried again',
  )
})

test('a slug or host that is taken ends with 1, what can be none with 2, each with one line and nothing made', async (t) => {
  const { run, data, count } = await start(t)
  await data.addTenant({ slug: 'one', host: 'one.example' })
  await data.addTenant({ slug: 'gone', host: 'gone.example' })
  await data.owner.query(`update tenants set status = 'deleted' where slug = 'gone'`)
  const whole = ['--name', 'New', '--host', 'new.example']
  const cases: [string[], number, RegExp][] = [
    [['create', 'one', ...whole], 1, /^There is a site "one" already, perhaps a deleted one\.\n$/],
    [['create', 'gone', ...whole], 1, /^There is a site "gone" already/],
    [
      ['create', 'new', '--name', 'New', '--host', 'gone.example'],
      1,
      /^gone\.example .+ "gone", which is deleted: "tenantry host remove gone gone\.example" frees/,
    ],
    [['create', 'new', '--name', 'New', '--host', 'ONE.example'], 1, /^one\.example belongs to the site "one"\.\n$/],
    [['create', 'new', '--name', 'New', '--host', 'new.example:443'], 2, /A host is a name such as .* without a scheme, a port or a path/],
    [['create', 'new', '--name', 'New', '--host', 'api.example'], 1, /^"api\.example" is one of TENANT_API_HOSTS, which all sites share\.\n$/],
    [['create', 'new', '--name', 'New', '--host', 'one.base.example'], 1, /^"one\.base\.example" is of TENANT_BASE_DOMAIN/],
    [['create', 'new', ...whole, '--link'], 1, /^--link goes with --owner/],
    [['create', 'New', ...whole], 2, /A slug has 1 to 63 letters/],
    [['create', 'new', '--name', 'New', '--host', 'https://new.example/'], 2, /A host is a name such as/],
    [['create', 'new', '--name', 'New', '--host', '192.0.2.1'], 2, /A host is a name such as/],
    [['create', 'new', '--name', ' ', '--host', 'new.example'], 2, /A name is one line/],
    [['create', 'new', ...whole, '--locale', 'português'], 2, /A locale is a BCP 47 tag/],
    [['create', 'new', ...whole, '--time-zone', 'Lisbon'], 2, /A time zone is an IANA name/],
    [['create', 'new', ...whole, '--owner', 'a@b.example,c@d.example'], 2, /no plain e-mail address/],
    [['create', 'new', ...whole, '--template', 'school'], 2, /Allowed choices are municipality, cooperative, none/],
    [['create', 'new', '--name', 'New'], 2, /required option '--host <host>' not specified/],
    [['show', 'nobody'], 1, /^There is no site "nobody"\.\n$/],
  ]
  const shared = { TENANT_RESOLVERS: 'host,subdomain', TENANT_BASE_DOMAIN: 'base.example', TENANT_API_HOSTS: 'api.example' }
  const ended = await Promise.all(cases.map(([args]) => run(args, shared)))
  for (const [at, { code, out, err }] of ended.entries()) {
    const [args = [], wanted, complaint] = cases[at] ?? []
    t.same([code, out], [wanted, ''], args.join(' '))
    t.match(err, complaint)
  }
  t.match(await run(['create', 'new', ...whole], { SECRET_KEYS: '' }), { code: 1, err: 'SECRET_KEYS must be set.\n' })
  t.equal(await count('tenants'), 2)
})

test('a site that is restored without a host, since another has proven it meanwhile, is said to answer nobody', async (t) => {
  const { run, data } = await start(t)
  const { id } = await data.addTenant({ slug: 'one', host: 'one.example' })
  await run(['delete', 'one', '--yes'])
  t.match(await run(['restore', 'one']), { code: 0, out: 'one is active\n' })
  await run(['delete', 'one', '--yes'])
  await data.owner.query(`select release_host($1, 'one.example', 'proven-elsewhere')`, [id])
  t.match(await run(['restore', 'one']), {
    code: 0,
    out: 'one is active, but has no proven host and answers nobody: "tenantry host verify one" says what is missing\n',
  })
  t.same(JSON.parse((await run(['restore', 'one', '--json'])).out), { slug: 'one', status: 'active', canonicalHost: null })
})

test('site list has every site and the hub’s own with state, host and members', async (t) => {
  const { run, data } = await start(t)
  t.match((await run(['list'])).out, /^There are no sites yet: tenantry site create makes one\.\n$/)
  await data.addTenant({ slug: 'one', host: 'one.example' })
  await data.addTenant({ slug: 'gone', host: 'gone.example' })
  await data.owner.query(`update tenants set status = 'deleted' where slug = 'gone'`)
  const { out, code } = await run(['list'])
  t.equal(code, 0)
  t.match(
    out,
    /^slug +status +kind +host +members +created\ngone +deleted +site +gone\.example +0 +20\S+\none +active +site +one\.example +0 +20\S+\n$/,
  )
  t.match(JSON.parse((await run(['list', '--json'])).out), [
    { slug: 'gone', status: 'deleted' },
    { slug: 'one', canonicalHost: 'one.example', members: 0 },
  ])
})

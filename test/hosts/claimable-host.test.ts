import t from 'tap'
import { loadConfig } from '../../src/config.ts'
import { claimableHost } from '../../src/hosts/claimable-host.ts'
import { arrangeHosts } from './arrange.ts'

const rules = {
  ...loadConfig({
    HOST_TARGETS: 'sites.hub.example,*.up.railway.app,192.0.2.80',
    TENANT_RESOLVERS: 'subdomain,host,origin',
    TENANT_BASE_DOMAIN: 'base.example',
    TENANT_API_HOSTS: 'api.hub.example',
  }),
  production: true,
}

const claim = { slug: 'one', asserted: false }
const word = { ...claim, asserted: true }

t.test('a host has one form', (t) => {
  const forms = {
    'WWW.Example.ORG.': 'www.example.org',
    'câmara.st': 'xn--cmara-3qa.st',
    'xn--cmara-3qa.st': 'xn--cmara-3qa.st',
    'a.co.uk': 'a.co.uk',
  }
  for (const [raw, host] of Object.entries(forms)) t.equal(claimableHost(raw, rules, claim), host)
  t.end()
})

t.test('what is no host, or belongs to the deployment, is refused in one line', (t) => {
  const refused: Record<string, RegExp> = {
    '': /is no host name/,
    'http://a.example': /is no host name/,
    'a.example:443': /is no host name/,
    '*.a.example': /is no host name/,
    'a_b.example': /is no host name/,
    '192.0.2.7': /is no host name/,
    '0x7f.1': /is no host name/,
    '[2001:db8::1]': /is no host name/,
    'a..example': /is no host name/,
    "a'; drop table hosts; --.example": /is no host name/,
    uk: /single label/,
    localhost: /single label/,
    'site.localhost': /private network/,
    'printer.lan': /private network/,
    'api.hub.example': /TENANT_API_HOSTS/,
    'base.example': /TENANT_BASE_DOMAIN/,
    'site.base.example': /TENANT_BASE_DOMAIN/,
    'a.site.base.example': /TENANT_BASE_DOMAIN/,
    'sites.hub.example': /HOST_TARGETS/,
    'mine.up.railway.app': /HOST_TARGETS/,
    'up.railway.app': /HOST_TARGETS/,
    [`${'a23456789.'.repeat(24)}example`]: /too long/,
  }
  for (const [raw, line] of Object.entries(refused)) {
    t.throws(() => claimableHost(raw, rules, claim), line, raw)
    if (!String(line).includes('HOST_TARGETS')) t.throws(() => claimableHost(raw, rules, word), line, `${raw}, by whose word ever`)
  }
  t.equal(claimableHost('mine.up.railway.app', rules, word), 'mine.up.railway.app', 'the platform’s own name is an operator’s to give')
  t.equal(claimableHost('one.base.example', rules, word), 'one.base.example', 'the name that it has by its slug anyway')
  t.throws(() => claimableHost('one.base.example', rules, claim), /TENANT_BASE_DOMAIN/)
  t.throws(() => claimableHost('a.one.base.example', rules, word), /TENANT_BASE_DOMAIN/)
  t.equal(claimableHost('site.localhost', { ...rules, production: false }, word), 'site.localhost', 'for development')
  t.end()
})

t.test('a host of the console is nobody else’s, and who has twenty unproven claims proves one first', async (t) => {
  const { add, data, one } = await arrangeHosts(t)
  await data.owner.query(`update tenants set kind = 'platform' where slug = 'other'`)
  await t.rejects(add({ slug: 'one', host: 'other.localhost' }), /"other\.localhost" is a host of the console/)
  await t.rejects(add({ slug: 'one', host: 'other.localhost', proven: true }), /is a host of the console/)
  for (let at = 0; at < 20; at++) await add({ slug: 'one', host: `h${at}.example` })
  await t.rejects(add({ slug: 'one', host: 'h20.example' }), /"one" has 20 hosts that were never proven\. .*host remove/)
  t.match(await add({ slug: 'one', host: 'h19.example' }), { host: 'h19.example' }, 'asked again, it is shown')
  t.match(await add({ slug: 'one', host: 'h20.example', proven: true }), { status: 'verified' }, 'one by an operator’s word is none of those')
  await data.owner.query(`update tenants set status = 'deleted' where slug = 'one'`)
  await t.rejects(add({ slug: 'one', host: 'h21.example' }), /is deleted/)
  t.equal((await data.owner.query('select from hosts where tenant_id = $1', [one.id])).rowCount, 22)
})

import t from 'tap'
import { createTestApp, password } from '../app.ts'

const warnings = (lines: string[]) => lines.filter((line) => line.includes('TRUST_PROXY'))

t.test('the client behind trusted proxies is the last address that none of them has', async (t) => {
  const seen: string[] = []
  const take = (key: string) => {
    seen.push(key)
    return 0
  }
  const { app, a } = await createTestApp(t, { env: { TRUST_PROXY: '10.0.0.0/8,fd00::/8' }, overrides: { limits: { signIns: { take } } } })
  const ask = async (remoteAddress: string, forwarded?: string) => {
    const headers = { host: a.host, ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }) }
    await app.inject({ method: 'POST', url: '/v1/auth/sign-in', remoteAddress, headers, payload: { email: a.owner.email, password } })
    return seen.pop()?.replace(`${a.id} `, '')
  }
  const expected: Record<string, [string, string | undefined, string]> = {
    'one proxy': ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
    'two proxies': ['10.0.0.1', '203.0.113.9, 10.9.9.9', '203.0.113.9'],
    'a client that names another first': ['10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    'a client that names a proxy first': ['10.0.0.1', '10.7.7.7, 203.0.113.9', '203.0.113.9'],
    'a client that forges a whole chain': ['10.0.0.1', '198.51.100.1, 10.7.7.7, 10.7.7.8, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    'a client that sends rubbish first': ['10.0.0.1', 'unknown, "><script>, 203.0.113.9', '203.0.113.9'],
    'a proxy that writes ports': ['10.0.0.1', '198.51.100.1, 203.0.113.9:4711', '203.0.113.9'],
    'a proxy and a client of IPv6': ['fd00::1', '2001:db8:1:2::7', '2001:db8:1:2::/64'],
    'an untrusted peer': ['203.0.113.50', '198.51.100.1', '203.0.113.50'],
    'an untrusted peer that names a proxy': ['203.0.113.50', '198.51.100.1, 10.0.0.1', '203.0.113.50'],
    'no header': ['10.0.0.1', undefined, '10.0.0.1'],
  }
  for (const [name, [peer, forwarded, client]] of Object.entries(expected)) t.equal(await ask(peer, forwarded), client, name)
})

t.test('limits by network cannot be got round by naming another address each time: 429 RATE_LIMITED', async (t) => {
  const { app, a } = await createTestApp(t, { env: { TRUST_PROXY: '10.0.0.0/8' } })
  let guesses = 0
  const guess = (remoteAddress: string, forwarded: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/auth/sign-in',
      remoteAddress,
      headers: { host: a.host, 'x-forwarded-for': forwarded },
      payload: { email: `guess${guesses++}@x.example`, password: 'wrong' },
    })
  for (const [peer, chain] of [
    ['10.0.0.1', (n: number) => `198.51.100.${n}, 203.0.113.9`],
    ['203.0.113.50', (n: number) => `198.51.100.${n}`],
  ] as const) {
    const codes = []
    for (let n = 0; n < 12; n++) codes.push((await guess(peer, chain(n))).statusCode)
    t.same(codes, [...Array(10).fill(401), 429, 429], peer)
  }
  for (let n = 0; n < 12; n++) t.equal((await guess('10.0.0.1', `192.0.2.${n}`)).statusCode, 401, 'control: clients that a proxy tells apart')
})

t.test('forwarded headers of an untrusted peer are told once, without values', async (t) => {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  const { app, a } = await createTestApp(t, { env: { TRUST_PROXY: '10.0.0.0/8' }, overrides: { logger: { level: 'warn', stream } } })
  const ask = (remoteAddress: string, headers: Record<string, string>) =>
    app.inject({ url: '/v1/site', remoteAddress, headers: { host: a.host, ...headers } })
  await ask('10.0.0.1', { 'x-forwarded-for': '203.0.113.9' })
  await ask('203.0.113.50', {})
  t.same(warnings(lines), [], 'neither a trusted proxy nor a plain client')
  for (let n = 0; n < 3; n++) await ask('203.0.113.50', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-host': 'evil.example' })
  t.equal(warnings(lines).length, 1)
  t.notMatch(lines.join(''), /198\.51|203\.0|evil/)
})

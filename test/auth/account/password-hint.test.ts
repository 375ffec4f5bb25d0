import { Writable } from 'node:stream'
import t from 'tap'
import { createTestApp } from '../../app.ts'
import { authCalls, freshNetwork, outcome } from '../auth-calls.ts'

let logged = ''
const stream = new Writable({
  write(chunk, _encoding, done) {
    logged += chunk
    done()
  },
})
const { app, a, b } = await createTestApp(t, { overrides: { logger: { level: 'trace', stream } } })
const { post } = authCalls(app)
const hint = (payload: object, options = {}) => post(a, '/v1/auth/password-hint', payload, options)

t.test('a password is judged, in the asked language or the visitor’s: 200, kept by nobody and not logged', async (t) => {
  const answer = await hint({ password: 'zebra-listrada-42', language: 'en' })
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(Object.keys(answer.json()).sort(), ['score', 'suggestions', 'warning'])
  t.match(
    (await hint({ password: 'password' })).json(),
    { score: 0, warning: 'É uma das palavras-passe mais usadas de todas.' },
    "the site's language",
  )
  t.match((await hint({ password: 'password' }, { headers: { 'accept-language': 'en' } })).json(), { warning: 'This is a heavily used password.' })
  t.match((await hint({ password: 'password', language: 'fr' }, { headers: { 'accept-language': 'en' } })).json(), { warning: /mot de passe/ })
  t.match(logged, '/v1/auth/password-hint', 'the request is logged')
  t.notMatch(logged, 'zebra-listrada')
})

t.test('given words and the site’s names make it weaker', async (t) => {
  const of = async (body: object) => (await hint({ ...body, language: 'en' })).json().score
  t.ok((await of({ password: 'zochivanga91', words: ['zochivanga'] })) < (await of({ password: 'zochivanga91' })))
  t.match((await hint({ password: 'Name of site-a', language: 'en' })).json(), { warning: 'There should not be any personal or page related data.' })
})

t.test('anything else in the body answers 400 REQUEST_INVALID, and too much of it 413', async (t) => {
  const bodies: object[] = [
    {},
    { password: '' },
    { password: 12345678 },
    { password: ['x'] },
    { password: 'x'.repeat(1025) },
    { password: 'x', language: 'de' },
    { password: 'x', words: 'word' },
    { password: 'x', words: Array(11).fill('word') },
    { password: 'x', words: ['x'.repeat(255)] },
    { password: 'x', email: 'a@x.example' },
  ]
  for (const body of bodies) t.equal(outcome(await hint(body)), '400 REQUEST_INVALID', JSON.stringify(body).slice(0, 60))
  t.equal(outcome(await hint({ password: 'x', padding: 'x'.repeat(9000) })), '413 BODY_TOO_LARGE')
})

t.test('the sixty-first of a minute from one network answers 429 RATE_LIMITED, at this site', async (t) => {
  const from = freshNetwork()
  const body = { password: 'correct horse battery' }
  for (let n = 0; n < 60; n++) t.equal((await hint(body, { from })).statusCode, 200)
  const refused = await hint(body, { from })
  t.equal(outcome(refused), '429 RATE_LIMITED')
  t.match(refused.headers['retry-after'], /^\d+$/)
  t.equal((await hint(body)).statusCode, 200, 'from elsewhere')
  t.equal((await post(b, '/v1/auth/password-hint', body, { from })).statusCode, 200, 'at another site')
})

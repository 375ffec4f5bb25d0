import t from 'tap'
import { authenticationClaims } from '../../../src/auth/sessions/authentication-claims.ts'

const amr = (...methods: string[]) => authenticationClaims({ authenticatedAt: new Date(1_700_000_000_900), methods }).amr

t.test('claims say when and, by names of RFC 8176, how somebody proved who they are', (t) => {
  t.equal(authenticationClaims({ authenticatedAt: new Date(1_700_000_000_900), methods: [] }).auth_time, 1_700_000_000)
  t.same(amr('password'), ['pwd'])
  t.same(amr('email-code'), ['mca'])
  t.same(amr('email-link', 'email-code'), ['mca'])
  t.same(amr('passkey'), ['pop'])
  t.same(amr('password', 'totp'), ['pwd', 'otp', 'mfa'])
  t.same(amr('email-link', 'passkey'), ['mca', 'pop', 'mfa'])
  t.same(amr('password', 'email-code'), ['pwd', 'mca'], 'a mailed code is never a second factor')
  t.same(amr('operator'), [], 'the member proved nothing')
  t.end()
})

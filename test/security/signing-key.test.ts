import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { calculateJwkThumbprint, importJWK, importPKCS8, jwtVerify, SignJWT } from 'jose'
import { test } from 'tap'
import { generateSigningKey, publicPem } from '../../src/security/signing-key.ts'

test('a pair signs, and both forms of its public half verify', async (t) => {
  const { publicJwk, privatePem } = generateSigningKey()
  const signature = sign('sha256', Buffer.from('text'), createPrivateKey(privatePem))
  t.ok(verify('sha256', Buffer.from('text'), createPublicKey(publicPem(publicJwk)), signature))
  const token = await new SignJWT({ sub: 'ana' })
    .setProtectedHeader({ alg: 'ES256', kid: publicJwk.kid })
    .sign(await importPKCS8(privatePem, 'ES256'))
  const { payload } = await jwtVerify(token, await importJWK({ ...publicJwk }, 'ES256'))
  t.equal(payload.sub, 'ana', 'another implementation reads it')
})

test('the kid is the thumbprint of RFC 7638', async (t) => {
  const { publicJwk } = generateSigningKey()
  t.equal(publicJwk.kid, await calculateJwkThumbprint({ ...publicJwk }))
})

test('what is published holds no private part', (t) => {
  const { publicJwk } = generateSigningKey()
  t.same(Object.keys(publicJwk).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  t.not(generateSigningKey().publicJwk.kid, publicJwk.kid)
  t.end()
})

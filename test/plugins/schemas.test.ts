import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { createTestApp } from '../app.ts'

interface Answered {
  content?: Record<string, { schema: unknown }>
}

const routes: RouteOptions[] = []
const listed = fp(async (app) => {
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
})
const { a, call } = await createTestApp(t, { overrides: { outside: listed } })

t.test('every schema of every route of a site compiles: else nobody would know before the first call', async (t) => {
  const compile = SerializerSelector()()
  let seen = 0
  for (const { method, url, schema } of routes) {
    const { body, querystring, params, headers, response = {} } = schema ?? {}
    for (const taken of [body, querystring, params, headers].filter((part) => part !== undefined)) {
      seen += 1
      t.doesNotThrow(() => Compile(Object(taken)), `what ${method} ${url} takes`)
    }
    for (const [httpStatus, answered] of Object.entries<Answered>(Object(response))) {
      for (const one of answered.content ? Object.values(answered.content).map((media) => media.schema) : [answered]) {
        seen += 1
        t.doesNotThrow(() => compile({ schema: one, method: String(method), url, httpStatus }), `${httpStatus} of ${method} ${url}`)
      }
    }
  }
  t.ok(seen > 500, `${seen} schemas`)
})

t.test('strings with NUL or half a surrogate pair answer 400 REQUEST_INVALID, wherever they are', async (t) => {
  const body = (email: string) =>
    call(a, { method: 'POST', url: '/v1/auth/sign-in', headers: { 'content-type': 'application/json' }, payload: email })
  for (const text of ['\\u0000', '\\ud800', 'a\\udc00b']) {
    const answer = await body(`{"email":"x${text}@site-a.example","password":"long enough"}`)
    t.equal(answer.statusCode, 400, text)
    t.equal(answer.json().code, 'REQUEST_INVALID')
  }
  t.equal((await call(a, { url: '/v1/collections/posts/entries?after=a%00' })).json().code, 'REQUEST_INVALID')
})

import http from 'node:http'
import pg from 'pg'
import { rotateSession } from '../../src/auth/sessions/session-store.ts'
import { loadConfig } from '../../src/config.ts'
import { openDatabase } from '../../src/db/client.ts'
import { createRefreshTokens, hashToken, sealUnder } from '../../src/security/refresh-token.ts'
import { createSecretBox } from '../../src/security/secret-box.ts'
import { answerParent, repeat } from './answer-parent.ts'

const config = loadConfig(process.env)
const { url, poolMode: mode } = config.database
const [tenantId = '', way = '', origin = '', host = ''] = ['TENANT', 'WAY', 'ORIGIN', 'HOST'].map((name) => process.env[`BENCH_${name}`] ?? '')
/** One session for each caller: its newest refresh token. */
const sessions: string[] = JSON.parse(process.env.BENCH_TOKENS ?? '[]')
const max = 10
const tokens = createRefreshTokens(createSecretBox(config.secretKeys).deriveKeys('refresh tokens'))

function issuedOf(token: string) {
  const issued = tokens.read(tenantId, token)
  if (!issued) throw new Error('the token is none of ours')
  return issued
}

/** Each exchanges a refresh token and answers its successor. */
const ways: Record<string, () => (token: string) => Promise<string>> = {
  http() {
    const agent = new http.Agent({ keepAlive: true })
    const options = { method: 'POST', agent, headers: { host, 'content-type': 'application/json' } }
    const ask = (refreshToken: string): Promise<string> =>
      new Promise((done, failed) => {
        const request = http.request(`${origin}/v1/auth/refresh`, options, (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (chunk) => {
            body += chunk
          })
          response.on('end', () => {
            if (response.statusCode === 200) done(JSON.parse(body).refreshToken)
            // A busy machine puts callers off.
            else if (response.statusCode === 503) setTimeout(() => ask(refreshToken).then(done, failed), 100)
            else failed(new Error(body.slice(0, 200)))
          })
        })
        request.on('error', failed)
        request.end(JSON.stringify({ refreshToken }))
      })
    return ask
  },

  rotate() {
    const db = openDatabase({ url, mode, max, onError: console.error }).forTenant(tenantId)
    return async (token) => {
      const rotation = await rotateSession(db, tokens, { tenantId, ...issuedOf(token), token, address: '127.0.0.1' })
      if (rotation.outcome !== 'rotated') throw new Error(`a session is ${rotation.outcome}`)
      return rotation.session.refreshToken
    }
  },

  /** The same statement by hand, prepared, past the policies: the tenant is in it because it was written there. */
  pg() {
    const pool = new pg.Pool({ connectionString: url, max })
    const text = `update sessions s set refresh_hash = $1, previous_hash = s.refresh_hash, sealed_successor = $2, generation = s.generation + 1,
        rotated_at = now(), address = $3, idle_expires_at = least(s.expires_at, now() + make_interval(secs => $4))
      from members m
      where s.tenant_id = $5 and s.id = $6 and s.refresh_hash = $7 and s.ended_at is null and least(s.expires_at, s.idle_expires_at) > now()
        and m.tenant_id = s.tenant_id and m.id = s.member_id and m.status = 'active' and m.epoch = s.epoch
      returning s.member_id, s.authenticated_at, s.methods`
    return async (token) => {
      const { sessionId, generation } = issuedOf(token)
      const successor = tokens.issue(tenantId, { sessionId, generation: generation + 1 })
      const bytes = [hashToken(successor), sealUnder(token, successor), hashToken(token)].map((part) => Buffer.from(part))
      const values = [bytes[0], bytes[1], '127.0.0.1', 14 * 86_400, tenantId, sessionId, bytes[2]]
      const { rowCount } = await pool.query({ name: 'rotate', text, values })
      if (rowCount !== 1) throw new Error('a session is over')
      return successor
    }
  },
}

const exchange = ways[way]?.()
if (!exchange) throw new TypeError(`there is no way called ${way}`)
const free = sessions.map((_, at) => at)

answerParent({
  run: (seconds) =>
    repeat(
      async () => {
        const at = free.pop() ?? 0
        sessions[at] = await exchange(sessions[at] ?? '')
        free.push(at)
      },
      sessions.length,
      Number(seconds),
    ),
})

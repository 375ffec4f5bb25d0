import http from 'node:http'
import type { Target } from './load.ts'

/** Answers an access token. Not by fetch, which sends no Host header of one's own. */
export function signInOnce({ origin, path, headers }: Target, account: { email: string; password: string }): Promise<string> {
  return new Promise((done, failed) => {
    const request = http.request(origin + path, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } }, async (response) => {
      let body = ''
      for await (const chunk of response) body += chunk
      if (response.statusCode === 200) done(JSON.parse(body).accessToken)
      else failed(new Error(`signing in answers ${response.statusCode}: ${body.slice(0, 200)}`))
    })
    request.on('error', failed)
    request.end(JSON.stringify(account))
  })
}

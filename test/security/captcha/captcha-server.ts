import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Asked {
  path: string
  contentType: string | undefined
  form: Record<string, string>
}

export const secret = 'secret of the site'
/** Tokens of pages of `host`, each good once. */
export const solved = (host: string, number = 1) => `solved ${host} ${number}`

/** A server on loopback that plays a provider: it takes each token once, and fails the way the token says. */
export async function startCaptchaServer(t: Test) {
  const asked: Asked[] = []
  const spent = new Set<string>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const form = Object.fromEntries(new URLSearchParams(body))
    asked.push({ path: request.url ?? '', contentType: request.headers['content-type'], form })
    const token = form.response ?? ''
    if (odd[token]) return odd[token](response)
    const codes = faultsOf(form, spent)
    spent.add(token)
    response.setHeader('content-type', 'application/json')
    const [, hostname] = token.split(' ')
    response.end(JSON.stringify(codes.length > 0 ? { success: false, 'error-codes': codes } : { success: true, hostname, 'error-codes': [] }))
  })
  server.listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/siteverify`, asked }
}

function faultsOf(form: Record<string, string>, spent: Set<string>): string[] {
  if (!form.secret) return ['missing-input-secret']
  if (form.secret !== secret) return ['invalid-input-secret']
  if (!form.response?.startsWith('solved ')) return ['invalid-input-response']
  return spent.has(form.response) ? ['timeout-or-duplicate'] : []
}

/** What a provider answers when it is not itself. */
const odd: Record<string, (response: ServerResponse) => void> = {
  hang: () => {},
  'hang half-way': (response) => void response.writeHead(200).write('{"success":'),
  garbage: (response) => void response.end('<html>busy</html>'),
  nothing: (response) => void response.end(),
  'another form': (response) => void response.end('{"ok":true}'),
  'success as text': (response) => void response.end('{"success":"true","hostname":"site-a.example"}'),
  array: (response) => void response.end('[true]'),
  null: (response) => void response.end('null'),
  huge: (response) => void response.end(`{"success":true,"hostname":"site-a.example","padding":"${'x'.repeat(64 * 1024)}"}`),
  endless: (response) => {
    response.on('drain', () => pour(response))
    pour(response)
  },
  'status 500': (response) => void response.writeHead(500).end('{"success":true,"hostname":"site-a.example"}'),
  redirect: (response) => void response.writeHead(302, { location: '/elsewhere' }).end(),
  'cut off': (response) => void response.socket?.destroy(),
  'its own fault': (response) => void response.end('{"success":false,"error-codes":["internal-error"]}'),
}

export const oddities = Object.keys(odd)

function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write('x'.repeat(16_384)));
}

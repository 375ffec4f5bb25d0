import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'
import { marker } from './smtp-server.ts'

export interface ResendRequest {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: unknown
}

export interface TestResend {
  origin: string
  requests: ResendRequest[]
  /** What the next requests get: a status with the name of an error, or anything at all. */
  answer: readonly [status: number, name: string] | ((response: ServerResponse) => void)
}

/** An HTTP server that answers as Resend's API does; ended when the test ends. */
export async function startResend(t: Test, key: string): Promise<TestResend> {
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const body = method === 'POST' ? await json(request) : undefined
    api.requests.push({ method, url, headers, body })
    if (typeof api.answer === 'function') return api.answer(response)
    const [status, name] = headers.authorization === `Bearer ${key}` ? api.answer : [401, 'invalid_api_key']
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(status === 200 ? { id: `re_${api.requests.length}`, data: [] } : { statusCode: status, name, message: marker }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const api: TestResend = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: [], answer: [200, ''] }
  return api
}

import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Test } from 'tap'

/** What the proxy does instead of handing a request on: answers a status, says nothing, or breaks off half-way in the body that is sent or answered. */
export type Fault = 500 | 503 | 'stall' | 'drop-request' | 'drop-answer'

export interface FaultyProxy {
  url: string
  /** The next so many requests of this method meet the fault. */
  fail(fault: Fault, times?: number, method?: string): void
  heal(): void
  /** Requests that met a fault. */
  met(): number
}

/** Before a real server, to have it fail as servers do. */
export async function startFaultyProxy(t: Test, target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target)
  let [current, left, only, met] = [undefined as Fault | undefined, 0, undefined as string | undefined, 0]
  const server = createServer((request, response) => {
    const hit = left > 0 && (only === undefined || request.method === only)
    if (!hit) return pass(request, response)
    left--
    met++
    suffer(current, request, response, () => pass(request, response, 'cut'))
  })
  const pass = (request: IncomingMessage, response: ServerResponse, how?: 'cut') => {
    const onward = ask({
      hostname,
      port,
      path: request.url,
      method: request.method,
      headers: request.headers,
      createConnection: () => connect(Number(port), hostname),
    })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (how) answer.once('data', (chunk: Buffer) => response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy()))
      else answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  }
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`,
    fail(fault, times = Number.POSITIVE_INFINITY, method) {
      ;[current, left, only, met] = [fault, times, method, 0]
    },
    heal() {
      left = 0
    },
    met: () => met,
  }
}

function suffer(fault: Fault | undefined, request: IncomingMessage, response: ServerResponse, cut: () => void): void {
  if (fault === 'drop-answer') cut()
  else if (fault === 'drop-request') request.once('data', () => request.destroy())
  else request.resume()
  if (fault !== 500 && fault !== 503) return
  const code = fault === 503 ? 'SlowDown' : 'InternalError'
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>x</Message></Error>`
  request.once('end', () => response.writeHead(fault, { 'content-type': 'application/xml' }).end(body))
}

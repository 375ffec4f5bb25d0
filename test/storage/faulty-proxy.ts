import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Test } from 'tap'

/**
 * What the proxy does instead of handing a request on: answers a status (403: that it may not; 404: that it knows no such upload), says nothing, stops reading what is sent,
 * or breaks off half-way in the body that is sent or answered; or it hands it on as a whole and loses the answer, or its body, or goes silent half-way in it; or it
 * takes the body at 12 MB a second.
 */
export type Fault =
  | 403
  | 404
  | 500
  | 503
  | 'stall'
  | 'stall-request'
  | 'stall-answer'
  | 'slow-request'
  | 'drop-request'
  | 'drop-answer'
  | 'lose-answer'
  | 'lose-body'

/** What becomes of the server's answer, where it gets the request; or of the request. */
type Ending = 'cut' | 'lose' | 'bare' | 'hold' | 'slow'

export interface FaultyProxy {
  url: string
  /** The next so many requests meet the fault; of those alone whose method and URL are like that. */
  fail(fault: Fault, times?: number, only?: RegExp): void
  heal(): void
  /** Requests that met a fault. */
  met(): number
}

/** Before a real server, to have it fail as servers do. */
export async function startFaultyProxy(t: Test, target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target)
  let [current, left, only, met] = [undefined as Fault | undefined, 0, /^/, 0]
  const server = createServer((request, response) => {
    const hit = left > 0 && only.test(`${request.method} ${request.url}`)
    if (!hit) return pass(request, response)
    left--
    met++
    suffer(current, request, response, (ending) => pass(request, response, ending))
  })
  const pass = (request: IncomingMessage, response: ServerResponse, ending?: Ending) => {
    const onward = ask({
      hostname,
      port,
      path: request.url,
      method: request.method,
      headers: request.headers,
      createConnection: () => connect(Number(port), hostname),
    })
    onward.on('response', (answer) => {
      if (ending === 'lose') return response.destroy()
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (!ending || ending === 'slow') return answer.pipe(response)
      if (ending === 'bare') {
        response.flushHeaders()
        return response.socket?.write('', () => response.destroy())
      }
      answer.once('data', (chunk: Buffer) => response.write(chunk.subarray(0, chunk.length / 2), () => ending === 'cut' && response.destroy()))
    })
    onward.on('error', () => response.destroy())
    if (ending === 'slow') Readable.from(trickle(request)).pipe(onward)
    else request.pipe(onward)
  }
  await new Promise<void>((up) => server.listen(0, '127.0.0.1', up))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`,
    fail(fault, times = Number.POSITIVE_INFINITY, wanted = /^/) {
      ;[current, left, only, met] = [fault, times, wanted, 0]
    },
    heal() {
      left = 0
    },
    met: () => met,
  }
}

const endings: Partial<Record<Fault, Ending>> = {
  'drop-answer': 'cut',
  'lose-answer': 'lose',
  'lose-body': 'bare',
  'stall-answer': 'hold',
  'slow-request': 'slow',
}

async function* trickle(request: IncomingMessage): AsyncGenerator<Buffer> {
  const [began, perMillisecond] = [performance.now(), 12_000]
  let taken = 0
  for await (const chunk of request) {
    taken += chunk.length
    await delay(Math.max(0, began + taken / perMillisecond - performance.now()))
    yield chunk
  }
}

function suffer(fault: Fault | undefined, request: IncomingMessage, response: ServerResponse, pass: (ending: Ending) => void): void {
  const ending = fault && endings[fault]
  if (ending) pass(ending)
  else if (fault === 'drop-request') request.once('data', () => request.destroy())
  else if (fault === 'stall-request') request.once('data', () => request.pause())
  else request.resume()
  if (typeof fault !== 'number') return
  const code = { 403: 'AccessDenied', 404: 'NoSuchUpload', 500: 'InternalError', 503: 'SlowDown' }[fault]
  const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>x</Message></Error>`
  request.once('end', () => response.writeHead(fault, { 'content-type': 'application/xml' }).end(body))
}

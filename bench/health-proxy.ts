import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HealthProxy {
  port: number
  /** Whether visitors are sent to the copy on that port. */
  isUp(port: number): boolean
  stop(): Promise<void>
}

interface Copy {
  port: number
  up: boolean
  asked: number
  /** The newest check that was answered: an older one that comes late says nothing. */
  heard: number
}

/** Milliseconds. Long, because a copy that is slow on a busy machine is not one that is gone. */
const patience = 15_000

/**
 * A reverse proxy as Caddy is one with active health checks: a copy whose /readyz does not answer 200 in time gets no visitors. Stricter than Caddy in
 * that it tries nothing twice, so that whatever a copy drops is seen.
 */
export async function startHealthProxy(ports: readonly number[], checkEvery: number): Promise<HealthProxy> {
  const copies: Copy[] = ports.map((port) => ({ port, up: false, asked: 0, heard: 0 }))
  const agent = new http.Agent({ keepAlive: true })
  const checks = setInterval(() => {
    for (const copy of copies) void look(copy)
  }, checkEvery)
  let turn = 0
  const server = http.createServer((request, response) => {
    const up = copies.filter((copy) => copy.up)
    const copy = up[turn++ % up.length]
    if (copy) pass(request, response, { port: copy.port, agent })
    else refuse(response, 'no copy is up')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    isUp: (port) => copies.some((copy) => copy.port === port && copy.up),
    async stop() {
      clearInterval(checks)
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      agent.destroy()
    },
  }
}

async function look(copy: Copy): Promise<void> {
  const check = ++copy.asked
  const up = await isReady(copy.port)
  if (check < copy.heard) return
  copy.heard = check
  copy.up = up
}

function pass(request: http.IncomingMessage, response: http.ServerResponse, { port, agent }: { port: number; agent: http.Agent }): void {
  const { method, url: path, headers } = request
  const onward = http.request({ host: '127.0.0.1', port, agent, method, path, headers: { ...headers, connection: 'keep-alive' } }, (answer) => {
    const { connection: _, 'keep-alive': __, ...kept } = answer.headers
    response.writeHead(answer.statusCode ?? 502, kept)
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  onward.on('error', (error) => refuse(response, error.message))
  request.pipe(onward)
}

function refuse(response: http.ServerResponse, reason: string): void {
  if (response.headersSent) response.destroy()
  else response.writeHead(502, { 'content-type': 'text/plain' }).end(reason)
}

function isReady(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/readyz', agent: false, timeout: patience }, (response) => {
      response.resume()
      answer(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy()).on('error', () => answer(false))
  })
}

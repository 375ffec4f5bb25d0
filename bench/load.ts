import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import autocannon, { type Client, type Options, type Result } from 'autocannon'
import type { Child } from './child.ts'
import type { Counted } from './children/answer-parent.ts'

/** A server on this machine and what is asked of it. */
export interface Target {
  origin: string
  path: string
  headers: Record<string, string>
}

export interface Answer {
  path: string
  type: string
  /** All but those of the connection itself and the type. */
  headers: Record<string, string>
  body: string
}

const connections = 32
const perConnection = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'])

/** Asks as fast as the server answers; `server` is asked for its processor time. Throws when anything but a 2xx comes back. */
export async function load(target: Target, seconds: number, server?: Child): Promise<Counted> {
  const { origin, path, headers } = target
  return count(autocannonOptions({ url: origin + path, headers }, seconds), server)
}

/** The same, spread over many hosts: each connection asks its own share of them in turn, from its first one on. */
export async function loadHosts({ origin, path }: Target, hosts: readonly string[], { seconds, server }: { seconds: number; server?: Child }) {
  return count({ ...autocannonOptions({ url: origin + path }, seconds), setupClient: shareOut(hosts, path) }, server)
}

/** Asks for every host at least once. */
export async function visitHosts({ origin, path }: Target, hosts: readonly string[]): Promise<void> {
  const amount = Math.ceil(hosts.length / connections) * connections
  await count({ ...autocannonOptions({ url: origin + path }, 60), amount, setupClient: shareOut(hosts, path) }, undefined)
}

function shareOut(hosts: readonly string[], path: string) {
  const share = Math.ceil(hosts.length / connections)
  let next = 0
  return (client: Client) => {
    const own = hosts.slice(next, next + share)
    next += share
    client.setRequests(own.map((host) => ({ method: 'GET', path, headers: { host } })))
  }
}

/** Posts as fast as it is answered, by so many callers, until stopped. Each has bodies of its own, which it sends in turn. */
export function storm({ origin, path, headers }: Target, bodies: readonly string[], callers: number): { counted: Promise<Counted>; stop(): void } {
  let next = 0
  const setupClient = (client: Client) => {
    const own = bodies.filter((_, at) => at % callers === next % callers)
    next++
    client.setRequests(own.map((body) => ({ method: 'POST', path, headers: { ...headers, 'content-type': 'application/json' }, body })))
  }
  const run = autocannon({ url: origin + path, connections: callers, duration: 600, setupClient })
  const started = performance.now()
  const counted = run.then((result) => {
    refuseFailures(result, path)
    return { count: result['2xx'], seconds: (performance.now() - started) / 1000, processor: 0 }
  })
  return { counted, stop: () => run.stop() }
}

/** Milliseconds of each of `perSecond` requests a second, started on time whether or not the ones before were answered. */
export async function latencies(
  { origin, path, headers }: Target,
  { seconds, perSecond }: { seconds: number; perSecond: number },
): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  const asked: Promise<number>[] = []
  const started = performance.now()
  for (let at = 0; at < seconds * perSecond; at++) {
    const due = started + (at * 1000) / perSecond
    const early = due - performance.now()
    if (early > 0) await delay(early)
    asked.push(timed(origin + path, { headers, agent }))
  }
  const all = await Promise.all(asked)
  agent.destroy()
  return all
}

export async function fetchAnswer({ origin, path, headers }: Target): Promise<Answer> {
  const { status, body, got } = await get(origin + path, { headers })
  if (status !== 200) throw new Error(`GET ${path} of ${headers.host ?? origin} answers ${status}: ${body.slice(0, 200)}`)
  const kept = Object.entries(got).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && !perConnection.has(entry[0]))
  return { path, type: got['content-type'] ?? '', headers: Object.fromEntries(kept), body }
}

/** Bytes of the body as it is sent. */
export async function contentLength({ origin, path, headers }: Target): Promise<number> {
  const { status, got } = await get(origin + path, { headers })
  if (status !== 200) throw new Error(`GET ${path} answers ${status}`)
  return Number(got['content-length'])
}

function autocannonOptions(request: { url: string; headers?: Record<string, string> }, seconds: number): Options {
  return { ...request, connections, duration: seconds }
}

async function count(options: Options, server: Child | undefined): Promise<Counted> {
  const before = (await server?.ask<number>('processorTime')) ?? 0
  const started = performance.now()
  const result = await autocannon(options)
  const seconds = (performance.now() - started) / 1000
  refuseFailures(result, options.url)
  return { count: result['2xx'], seconds, processor: ((await server?.ask<number>('processorTime')) ?? 0) - before }
}

function refuseFailures({ non2xx, errors, timeouts }: Result, what: string): void {
  if (non2xx + errors + timeouts > 0) throw new Error(`${what}: ${non2xx} answers were no success, ${errors} failed, ${timeouts} came too late`)
}

async function timed(url: string, options: http.RequestOptions): Promise<number> {
  const started = performance.now()
  const { status } = await get(url, options)
  if (status !== 200) throw new Error(`${url} answers ${status}`)
  return performance.now() - started
}

function get(url: string, options: http.RequestOptions): Promise<{ status: number; body: string; got: http.IncomingHttpHeaders }> {
  return new Promise((done, failed) => {
    const request = http.get(url, options, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => done({ status: response.statusCode ?? 0, body, got: response.headers }))
      response.on('error', failed)
    })
    request.on('error', failed)
  })
}

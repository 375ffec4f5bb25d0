import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import packets, { type Answer, type Packet } from 'dns-packet'
import type { Test } from 'tap'
import { createDns, type Dns } from '../src/security/dns/dns-lookup.ts'
import { freePort } from './free-port.ts'

/** Records of one name. A text is cut into strings of 255 bytes, as name servers keep it. */
export interface Records {
  txt?: readonly string[]
  a?: readonly string[]
  aaaa?: readonly string[]
  mx?: readonly string[]
  cname?: string
  /** An answer without data, or none at all. */
  fails?: 'servfail' | 'silent'
}

export interface DnsServer {
  /** Names in lower case; tests change it as they go. */
  zone: Map<string, Records>
  /** Every question: `TYPE name`. */
  asked: string[]
  /** Answers that went over TCP, because they were too long for a datagram. */
  overTcp: number
  dns: Dns
  address: string
}

const longestDatagram = 512

/** A name server on loopback, over UDP and TCP. */
export async function startDns(t: Test, options: { timeoutMs?: number; tries?: number; deadlineMs?: number } = {}): Promise<DnsServer> {
  const port = await freePort()
  const tcp = createServer()
  tcp.listen(port, '127.0.0.1')
  await once(tcp, 'listening')
  const udp = createSocket('udp4')
  udp.bind(port, '127.0.0.1')
  await once(udp, 'listening')
  const address = `127.0.0.1:${port}`
  const server: DnsServer = { zone: new Map(), asked: [], overTcp: 0, address, dns: createDns({ servers: [address], ...options }) }

  udp.on('message', (bytes, peer) => {
    const answer = respond(server, packets.decode(bytes))
    if (!answer) return
    const whole = packets.encode(answer)
    const cut = whole.length > longestDatagram
    udp.send(
      cut ? packets.encode({ ...answer, flags: (answer.flags ?? 0) | packets.TRUNCATED_RESPONSE, answers: [] }) : whole,
      peer.port,
      peer.address,
    )
  })
  tcp.on('connection', (socket) => {
    let read = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      read = Buffer.concat([read, bytes])
      while (read.length >= 2 && read.length >= read.readUInt16BE() + 2) {
        const end = read.readUInt16BE() + 2
        const answer = respond(server, packets.streamDecode(read.subarray(0, end)))
        read = read.subarray(end)
        if (!answer) continue
        server.overTcp++
        socket.write(packets.streamEncode(answer))
      }
    })
  })
  t.teardown(async () => {
    udp.close()
    tcp.close()
  })
  return server
}

const servfail = 2
const nxdomain = 3

function respond({ zone, asked }: DnsServer, { id = 0, questions = [] }: Packet): Packet | undefined {
  const [question] = questions
  if (!question) return undefined
  const { type, name } = question
  asked.push(`${type} ${name}`)
  const records = zone.get(name.toLowerCase())
  if (records?.fails === 'silent') return undefined
  const code = records === undefined ? nxdomain : records.fails ? servfail : 0
  return { type: 'response', id, flags: packets.RECURSION_AVAILABLE | code, questions, answers: code ? [] : follow(zone, type, name) }
}

/** As a recursive server does: the alias, and what is to be found where it leads, unless it leads in a circle. */
function follow(zone: DnsServer['zone'], type: string, name: string): Answer[] {
  const answers: Answer[] = []
  for (let [at, seen] = [name, new Set<string>()]; !seen.has(at); ) {
    seen.add(at)
    const records = zone.get(at.toLowerCase()) ?? {}
    if (records.cname === undefined) return [...answers, ...answersOf(type, at, records)]
    answers.push({ type: 'CNAME', name: at, ttl: 60, data: records.cname })
    if (type === 'CNAME') break
    at = records.cname
  }
  return answers
}

function answersOf(type: string, name: string, { txt = [], a = [], aaaa = [], mx = [] }: Records): Answer[] {
  const data: Record<string, readonly unknown[]> = {
    TXT: txt.map(inStrings),
    A: a,
    AAAA: aaaa,
    MX: mx.map((exchange, at) => ({ preference: 10 * (at + 1), exchange })),
  }
  return (data[type] ?? []).map((data) => ({ type, name, ttl: 60, data }))
}

function inStrings(text: string): Buffer[] {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.max(1, Math.ceil(bytes.length / 255)) }, (_, at) => bytes.subarray(at * 255, (at + 1) * 255))
}

import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

export interface RawAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Listens on loopback, for what `inject` does not show: doubled headers, broken requests, the peer's address. */
export async function listen(app: FastifyInstance): Promise<number> {
  return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
}

/** Sends the bytes as they are, on a connection of their own. `lines` need no line ends. */
export async function sendRaw(port: number, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`)
  return parseAnswer(await text(socket))
}

/** As clients should: what is answered 503 has not been done, and is asked again. The tests beside this one can overload a server. */
export async function askRaw(port: number, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const answer = await sendRaw(port, lines, body)
  if (answer.status !== 503) return answer
  await delay(Number(answer.headers['retry-after']) * 1000)
  return askRaw(port, lines, body)
}

/** Sends the body in pieces, with a pause of so many milliseconds between them. */
export async function sendSlowly(port: number, lines: readonly string[], body: readonly string[], pause: number): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1')
  // The server may have answered and gone while pieces are still sent.
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`)
  const answer = text(socket)
  for (const [at, piece] of body.entries()) {
    if (at > 0) await delay(pause)
    socket.write(piece)
  }
  return parseAnswer(await answer)
}

function parseAnswer(answer: string): RawAnswer {
  const cut = answer.indexOf('\r\n\r\n')
  const [first = '', ...lines] = answer.slice(0, cut).split('\r\n')
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: answer.slice(cut + 4) }
}

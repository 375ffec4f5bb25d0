import { type AddressInfo, Server, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { SecureVersion } from 'node:tls'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { Test } from 'tap'
import { makeCertificate, type TestCertificate } from './certificate.ts'

/** In every banner and every refusal: what a remote server says must not get any further. */
export const marker = 'REMOTE-BANNER-4711'

/** A reply code, or a server that says nothing more, ends the connection, or lets a byte fall now and then. */
export type Fault = number | 'hang' | 'drop' | 'drip'

/** Where it happens: before the greeting, at AUTH, MAIL FROM, RCPT TO, and after the last byte of a mail. */
export type Stage = 'connect' | 'auth' | 'from' | 'to' | 'data'

export interface ReceivedMail {
  from: string
  to: string[]
  raw: string
  /** Who was signed in. */
  user: string | undefined
}

export interface SmtpServerOptions {
  /** May be changed while the server runs. */
  faults?: Partial<Record<Stage, Fault>>
  /** Without, nobody has to sign in. */
  auth?: { user: string; pass: string }
  /** Default: plain text, and no STARTTLS. */
  secure?: 'tls' | 'starttls'
  certificate?: TestCertificate
  /** The newest TLS it speaks. */
  maxVersion?: SecureVersion
  port?: number
  /** Of loopback; default: 127.0.0.1. */
  host?: string
}

export interface TestSmtpServer {
  port: number
  host: string
  received: ReceivedMail[]
  faults: Partial<Record<Stage, Fault>>
  /** Connections so far. */
  connections: () => number
  /** Ends every connection that is open. */
  cut(): void
  close(): Promise<void>
}

/** A real SMTP server on loopback; ended when the test ends. */
export async function startSmtpServer(t: Test, options: SmtpServerOptions = {}): Promise<TestSmtpServer> {
  const { faults = {}, auth, secure, certificate, maxVersion, port = 0, host = '127.0.0.1' } = options
  const received: ReceivedMail[] = []
  const sockets = new Map<number, Socket>()
  const timers = new Set<NodeJS.Timeout>()
  let connections = 0

  /** Calls `next` as the fault of the stage has it, or never. */
  const at = (stage: Stage, session: SMTPServerSession, next: (error?: Error) => void) => {
    const fault = faults[stage]
    const socket = sockets.get(session.remotePort)
    if (fault === undefined) return next()
    if (typeof fault === 'number') return next(Object.assign(new Error(`${marker} says no`), { responseCode: fault }))
    if (fault === 'drop') socket?.destroy()
    if (fault === 'drip') timers.add(setInterval(() => socket?.writable && socket.write('2'), 50))
  }

  const server = new SMTPServer({
    ...(certificate ?? (secure ? makeCertificate({ names: ['localhost'] }) : {})),
    ...(maxVersion ? { minVersion: 'TLSv1' as const, maxVersion, ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
    secure: secure === 'tls',
    banner: marker,
    authOptional: !auth,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    disabledCommands: [...(secure === 'starttls' ? [] : ['STARTTLS' as const]), ...(auth ? [] : ['AUTH' as const])],
    logger: false,
    onConnect: (session, done) => at('connect', session, done),
    onAuth: ({ username, password }, session, done) =>
      at('auth', session, (error) => {
        const known = username === auth?.user && password === auth?.pass
        done(
          error ?? (known ? null : Object.assign(new Error(`${marker} does not know you`), { responseCode: 535 })),
          known ? { user: username } : {},
        )
      }),
    onMailFrom: (_address, session, done) => at('from', session, done),
    onRcptTo: (_address, session, done) => at('to', session, done),
    onData: (stream, session, done) => {
      void buffer(stream).then((raw) =>
        at('data', session, (error) => {
          if (error) return done(error)
          const { mailFrom, rcptTo } = session.envelope
          received.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            raw: raw.toString('latin1'),
            user: session.user ? String(session.user) : undefined,
          })
          done()
        }),
      )
    },
  })
  // A client that breaks off is none of the test's business.
  server.on('error', () => {})
  const raw = server.server
  if (!(raw instanceof Server)) throw new TypeError('smtp-server changed its shape')
  raw.on('connection', (socket: Socket) => {
    connections++
    if (socket.remotePort) sockets.set(socket.remotePort, socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve, reject) => {
    raw.once('error', reject)
    server.listen(port, host, resolve)
  })
  const cut = () => {
    for (const socket of sockets.values()) socket.destroy()
  }
  const close = async () => {
    for (const timer of timers) clearInterval(timer)
    cut()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
  t.teardown(close)
  return { port: (raw.address() as AddressInfo).port, host, received, faults, connections: () => connections, cut, close }
}

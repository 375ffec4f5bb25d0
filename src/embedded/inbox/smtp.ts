import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { SMTPServer, SMTPServerAuthentication, SMTPServerDataStream, SMTPServerSession } from 'smtp-server'
import type { MailStore } from './store.ts'

export interface SmtpOptions {
  store: MailStore
  passwordOf: (site: string) => string
  /** Taken where it is free. */
  wantedPort: number
}

export interface Smtp {
  port: number
  stop(): Promise<void>
}

const address = '127.0.0.1'
const largestMail = 10 * 1024 * 1024
const siteName = /^[a-z0-9-]{1,63}$/

/** A mail server on loopback that takes mail from whoever knows a site's password, hands it to the store, and passes none on. */
export async function startSmtp({ store, passwordOf, wantedPort }: SmtpOptions): Promise<Smtp> {
  const { SMTPServer } = await import('smtp-server')
  const create = () =>
    new SMTPServer({
      name: 'inbox.localhost',
      banner: 'Tenantry keeps all mail here',
      size: largestMail,
      rejectOversized: true,
      maxRecipients: 50,
      authMethods: ['PLAIN', 'LOGIN'],
      // Nothing leaves this machine, so there is nothing to encrypt; and a certificate would have to be made up.
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      closeTimeout: 1_000,
      onAuth: (auth, _session, done) =>
        knows(auth, passwordOf) ? done(null, { user: auth.username }) : done(refusal(535, 'Unknown site or password')),
      onData: (stream, session, done) => {
        keep(store, stream, session).then(
          (said) => done(null, said),
          () => done(refusal(451, 'The mail could not be kept')),
        )
      },
    })
  const server = await listen(create(), wantedPort).catch((error: NodeJS.ErrnoException) => {
    if (!wantedPort || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES')) throw error
    return listen(create(), 0)
  })
  const { port } = server.server.address() as AddressInfo
  return { port, stop: () => new Promise((done) => server.close(() => done())) }
}

async function listen(server: SMTPServer, port: number): Promise<SMTPServer> {
  // `once` hears of a port that is taken; later only connections fail, and whoever broke one off knows.
  server.on('error', () => {})
  server.listen(port, address)
  await once(server.server, 'listening')
  return server
}

function knows({ username = '', password }: SMTPServerAuthentication, passwordOf: (site: string) => string): boolean {
  if (!siteName.test(username)) return false
  const [given, right] = [Buffer.from(password ?? ''), Buffer.from(passwordOf(username))]
  return given.length === right.length && timingSafeEqual(given, right)
}

async function keep(store: MailStore, stream: SMTPServerDataStream, { envelope, user }: SMTPServerSession): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk)
  // The server refuses it by itself.
  if (stream.sizeExceeded) return ''
  const from = envelope.mailFrom ? envelope.mailFrom.address : ''
  const to = envelope.rcptTo.map((recipient) => recipient.address)
  return `Kept as ${await store.add({ site: String(user), from, to, content: Buffer.concat(chunks) })}`
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

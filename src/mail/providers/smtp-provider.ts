import { connect, isIP, type Socket } from 'node:net'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { GetSocketHandler } from 'nodemailer/lib/mailer'
import { checkMail } from './check-mail.ts'
import { MailFailure, type MailProvider, type OutgoingMail } from './provider.ts'
import { smtpFailure } from './smtp-failure.ts'
import type { VettedHost } from './vet-host.ts'

export interface SmtpSettings {
  host: VettedHost
  port: number
  security: 'tls' | 'starttls' | 'none'
  /** Empty: nobody signs in. */
  username: string
  secret: string
  connections: number
  timeouts: SmtpTimeouts
}

/** Milliseconds. */
export interface SmtpTimeouts {
  /** Until TCP is connected. */
  connection: number
  /** Until the server has greeted, and for the TLS upgrade. */
  greeting: number
  /** Without a byte. */
  socket: number
  /** For one mail from its hand-over on, or one check, altogether: a server that lets fall a byte now and then is silent to nobody. */
  whole: number
}

/** Pooled connections to one server, on the addresses that were vetted and no others. Not more mails at once than `connections`: they would only wait. */
export function createSmtpProvider(settings: SmtpSettings): MailProvider {
  const { whole } = settings.timeouts
  const sockets = new Set<Socket>()
  const pool = createTransport({ ...options(settings), getSocket: connector(settings, sockets) })
  // A pool that nobody listens to would throw what every waiting mail is told anyway.
  pool.on('error', () => {})

  // A mail is made into a stream when a server that let us in is about to be told of it: what breaks off later is this mail's failure first.
  const begun = new WeakSet<AbortSignal>()
  const handedOver = new WeakSet<AbortSignal>()
  pool.use('stream', ({ message, data: { signal } }, next) => {
    const create = message.createReadStream.bind(message)
    message.createReadStream = (asked) => {
      const stream = create(asked)
      if (!signal) return stream
      begun.add(signal)
      return stream.once('end', () => handedOver.add(signal))
    }
    next()
  })

  return {
    async send(mail) {
      const data = message(checkMail(mail))
      const signal = AbortSignal.timeout(whole)
      try {
        await pool.sendMail({ ...data, signal })
        return {}
      } catch (error) {
        throw smtpFailure(error, { begun: begun.has(signal), whole: handedOver.has(signal) })
      }
    },
    verify: () => verify(settings),
    close() {
      pool.close({ force: true })
      for (const socket of sockets) socket.destroy()
    },
  }
}

function options({ host, port, security, username, secret, connections, timeouts }: SmtpSettings) {
  return {
    pool: true as const,
    // For TLS alone: the connection comes from `getSocket`, so nothing is resolved a second time.
    host: host.name,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    // An address is no server name (RFC 6066); its certificate has to name it all the same.
    tls: { minVersion: 'TLSv1.2' as const, ...(isIP(host.name) ? {} : { servername: host.name }) },
    // Whoever set a password means it to be used: never to send without because the server offers no sign-in.
    ...(username ? { auth: { user: username, pass: secret }, forceAuth: true } : {}),
    // Not the name of this machine.
    name: '[127.0.0.1]',
    maxConnections: connections,
    maxRequeues: 1,
    connectionTimeout: timeouts.connection + timeouts.greeting,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.socket,
    socketCloseTimeout: 1_000,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  }
}

/** Connects to the vetted addresses, and to the next one where one does not answer (RFC 8305). */
function connector({ host, port, timeouts }: SmtpSettings, sockets: Set<Socket>): GetSocketHandler {
  return (_options, done) => {
    const socket = connect({
      host: host.name,
      port,
      autoSelectFamily: true,
      lookup: (_name, { all }, found) => {
        const [first] = host.addresses
        if (all) found(null, [...host.addresses])
        else found(null, first?.address ?? '', first?.family)
      },
    })
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    const timer = setTimeout(() => socket.destroy(new MailFailure('timeout')), timeouts.connection)
    const failed = (error: Error) => {
      clearTimeout(timer)
      done(error)
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', failed)
      done(null, { connection: socket })
    })
  }
}

/** On a connection of its own, which is cut when the time is up. */
async function verify(settings: SmtpSettings): Promise<void> {
  const sockets = new Set<Socket>()
  const transport = createTransport({ ...options(settings), getSocket: connector(settings, sockets) })
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new MailFailure('timeout')), settings.timeouts.whole)
  try {
    await Promise.race([transport.verify(), late])
  } catch (error) {
    throw smtpFailure(error)
  } finally {
    clearTimeout(timer)
    transport.close({ force: true })
    for (const socket of sockets) socket.destroy()
  }
}

function message(mail: OutgoingMail): SendMailOptions {
  const { from, to, replyTo, subject, text, html, messageId, headers, logo, dkim } = mail
  return {
    envelope: { from: from.address, to: [to] },
    from,
    to: { name: '', address: to },
    ...(replyTo ? { replyTo: { name: '', address: replyTo } } : {}),
    subject,
    text,
    html,
    messageId,
    headers,
    date: new Date(),
    xMailer: false,
    // Seven bits all the way: no server on the way recodes it and breaks the signature.
    textEncoding: 'quoted-printable',
    ...(logo
      ? { attachments: [{ cid: 'logo', filename: 'logo.png', contentType: 'image/png', content: Buffer.from(logo), contentDisposition: 'inline' }] }
      : {}),
    ...(dkim ? { dkim } : {}),
  }
}

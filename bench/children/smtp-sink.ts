import { createServer } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { answerParent } from './answer-parent.ts'

/**
 * A real SMTP server that counts what it takes, by the user that each site signs in as, and a port that takes connections and then says nothing: a
 * server that hangs.
 */
const taken = new Map<string, number>()
let lastAt = 0

const server = new SMTPServer({
  allowInsecureAuth: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  logger: false,
  onAuth: ({ username }, _session, done) => done(null, { user: username }),
  onData(stream, session, done) {
    stream.resume()
    stream.on('end', () => {
      const user = String(session.user)
      taken.set(user, (taken.get(user) ?? 0) + 1)
      lastAt = Date.now()
      done()
    })
  },
})
server.on('error', () => {})
const hanging = createServer((socket) => socket.on('error', () => {}))
const [port, hangingPort] = [await listen(server.server), await listen(hanging)]

answerParent({
  ports: () => ({ port, hangingPort }),
  forget: () => taken.clear(),
  taken: () => ({ sites: Object.fromEntries(taken), lastAt }),
})

async function listen(one: SMTPServer['server'] | typeof hanging): Promise<number> {
  await new Promise<void>((done) => one.listen(0, '127.0.0.1', done))
  const address = one.address()
  return address && typeof address === 'object' ? address.port : 0
}

import { readFile } from 'node:fs/promises'
import type { FastifyRequest } from 'fastify'
import { problem } from '../../errors.ts'
import { defineFlow, type Scope } from '../../tenancy/define-flow.ts'
import { listMessages, readMessage } from './messages.ts'
import { pagePolicy } from './page.ts'
import { download, showBody, showList, showMail } from './show-mail.ts'
import type { MailStore } from './store.ts'
import { tellLive } from './tell-live.ts'

/** The page at http://inbox.localhost and the same as JSON, for whoever sits at this machine: mails hold links that reset passwords. */
export function inboxRoutes(store: MailStore, hostName: string): (scope: Scope) => Promise<void> {
  const constraints = { host: new RegExp(`^${hostName.replaceAll('.', '\\.')}(:\\d{1,5})?$`, 'i') }
  return async (scope) => {
    scope.addHook('onRequest', async (request, reply) => {
      if (!isLocal(request)) throw problem('INBOX_ELSEWHERE')
      reply.header('cache-control', 'no-store').header('content-security-policy', pagePolicy)
    })
    const live = tellLive(store)
    scope.addHook('preClose', live.end)
    scope.get('/', { ...showList(store), constraints })
    scope.get('/mail/:id', { ...showMail(store), constraints })
    scope.get('/mail/:id/body', { ...showBody(store), constraints })
    scope.get('/mail/:id/raw', { ...download(store), constraints })
    scope.get('/messages', { ...listMessages(store), constraints })
    scope.get('/messages/:id', { ...readMessage(store), constraints })
    // To a HEAD the stream would be opened as well, and never read: nothing would end it.
    scope.get('/events', { ...live.flow, exposeHeadRoute: false, constraints })
    scope.get('/inbox.css', { ...(await asset('inbox.css', 'text/css; charset=utf-8')), constraints })
    scope.get('/inbox.js', { ...(await asset('inbox.js', 'text/javascript; charset=utf-8')), constraints })
  }
}

const local = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/

/** What proxies and tunnels add: Forwarded (RFC 7239), Via (RFC 9110, 7.6.3), CDN-Loop (RFC 8586), and the many names of the client's address. */
const handedOn = /^(forwarded|via|cdn-loop)$|^(cf|x-(forwarded|real|original|envoy))-|(client|connecting|remote|user)-ip$/

/**
 * A proxy on this machine hands on what comes from elsewhere, and says so. One that forwards plain TCP (ssh -R, socat, HAProxy in TCP mode) says
 * nothing and cannot be told from a browser here: whoever starts it opens the inbox to all who reach it and send this host's name.
 */
function isLocal({ socket, headers }: FastifyRequest): boolean {
  return local.test(socket.remoteAddress ?? '') && !Object.keys(headers).some((name) => handedOn.test(name))
}

async function asset(name: string, type: string) {
  const content = await readFile(new URL(name, import.meta.url))
  return defineFlow({ schema: { hide: true }, handler: async (_request, reply) => reply.type(type).send(content) })
}

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface DatabaseProxy {
  /** The same URL, by way of the proxy. */
  through(url: string): string
  /** Refuses and cuts connections, as a server that is gone does. */
  down(): Promise<void>
  /** Lets them pass again, to the server of `url` where it has moved. */
  up(url?: string): Promise<void>
}

/** Stands before a PostgreSQL, on one port, so that a test can take the database away and bring it back. */
export async function startDatabaseProxy(t: Test, databaseUrl: string): Promise<DatabaseProxy> {
  const sockets = new Set<Socket>()
  let target = Number(new URL(databaseUrl).port)
  let server: Server | undefined
  let port = 0

  async function up(url?: string): Promise<void> {
    if (url) target = Number(new URL(url).port)
    server = createServer((client) => {
      const upstream = connect(target, '127.0.0.1')
      for (const [socket, other] of [[client, upstream] as const, [upstream, client] as const]) {
        sockets.add(socket)
        socket.on('error', () => {})
        socket.on('close', () => {
          sockets.delete(socket)
          other.destroy()
        })
        socket.pipe(other)
      }
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = address && typeof address === 'object' ? address.port : 0
  }

  async function down(): Promise<void> {
    const closed = server?.listening ? once(server, 'close') : undefined
    server?.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }

  await up()
  t.teardown(down)
  return {
    up,
    down,
    through(url) {
      const proxied = new URL(url)
      proxied.host = `127.0.0.1:${port}`
      return proxied.href
    },
  }
}

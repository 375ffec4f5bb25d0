import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Database, TenantDb } from '../src/db/client.ts'
import type { Notifications } from '../src/db/notifications.ts'

declare module 'fastify' {
  interface FastifyInstance {
    database: Database
    notifications: Notifications
  }
  interface FastifyRequest {
    /** Bound to the request's tenant. */
    readonly db: TenantDb
  }
}

export interface DatabaseOptions {
  database: Database
  notifications: Notifications
}

/** The database, its notifications, and on each request the client that sees its tenant's rows only. */
async function databasePlugin(app: FastifyInstance, { database, notifications }: DatabaseOptions): Promise<void> {
  app.decorate('database', database)
  app.decorate('notifications', notifications)
  app.decorateRequest('db', {
    getter() {
      return database.forTenant(this.tenant.id)
    },
  })
  app.addHook('onClose', async () => {
    await notifications.stop()
    await database.close()
  })
}

export const database = fp(databasePlugin, { name: 'database', fastify: '5.x' })

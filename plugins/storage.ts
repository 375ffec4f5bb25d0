import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { ObjectStorage } from '../src/storage/object-storage.ts'
import { type TenantStorage, tenantStorage } from '../src/storage/tenant-storage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    objectStorage: ObjectStorage
  }
  interface FastifyRequest {
    /** The tenant's own files. */
    readonly storage: TenantStorage
  }
}

export interface StorageOptions {
  storage: ObjectStorage
}

/** Where files are kept, and on each request the folder of its tenant. */
async function storagePlugin(app: FastifyInstance, { storage }: StorageOptions): Promise<void> {
  app.decorate('objectStorage', storage)
  app.decorateRequest('storage', {
    getter() {
      return tenantStorage(storage, this.tenant.id)
    },
  })
  app.addHook('onClose', () => storage.close())
}

export const storage = fp(storagePlugin, { name: 'storage', fastify: '5.x' })

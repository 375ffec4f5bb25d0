import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Dns } from '../src/security/dns/dns-lookup.ts'

declare module 'fastify' {
  interface FastifyInstance {
    dns: Dns
  }
}

export interface DnsPluginOptions {
  dns: Dns
}

/** Look-ups of what senders' domains and sites' hosts publish. */
async function dnsPlugin(app: FastifyInstance, { dns }: DnsPluginOptions): Promise<void> {
  app.decorate('dns', dns)
}

export const dns = fp(dnsPlugin, { name: 'dns', fastify: '5.x' })

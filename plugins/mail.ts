import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { ProviderOpener } from '../src/mail/providers/open-provider.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Opens the way out for an account's mail. */
    mailProviders: ProviderOpener
  }
}

export interface MailOptions {
  mailProviders: ProviderOpener
}

async function mailPlugin(app: FastifyInstance, { mailProviders }: MailOptions): Promise<void> {
  app.decorate('mailProviders', mailProviders)
}

export const mail = fp(mailPlugin, { name: 'mail', fastify: '5.x' })

import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { CaptchaVerifier } from '../src/security/captcha/verify-captcha.ts'

declare module 'fastify' {
  interface FastifyInstance {
    captcha: CaptchaVerifier
  }
}

export interface CaptchaOptions {
  captcha: CaptchaVerifier
}

/** Asks a site's captcha provider about what a visitor has solved. */
async function captchaPlugin(app: FastifyInstance, { captcha }: CaptchaOptions): Promise<void> {
  app.decorate('captcha', captcha)
}

export const captcha = fp(captchaPlugin, { name: 'captcha', fastify: '5.x' })

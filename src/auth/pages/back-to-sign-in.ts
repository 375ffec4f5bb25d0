import { defineFlow } from '../../tenancy/define-flow.ts'

/** For the address of a step that only a form leads to, opened from the history or the address bar. */
export const backToSignIn = defineFlow({
  schema: { hide: true },
  async handler(_request, reply) {
    return reply.redirect('/account/sign-in', 303)
  },
})

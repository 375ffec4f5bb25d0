import { Type } from 'typebox'
import { problem } from '../../errors.ts'
import { emailKey } from '../../security/email-address.ts'

export const Email = Type.String({ minLength: 3, maxLength: 254 })
/** Whatever may be one, here or in the system that an account came from. */
export const TypedPassword = Type.String({ minLength: 1, maxLength: 1024 })
/** What it has to be like is said by require-good-password.ts, which counts in another way than a schema. */
export const NewPassword = Type.String({
  minLength: 1,
  maxLength: 1024,
  description: '10 to 128 characters; neither common, nor known from breaches, nor made of the own name, address or site: 400 PASSWORD_WEAK',
})
/** One line with something to read in it. Line ends would tear a mail's header, and turns of direction disguise what follows. */
export const MemberName = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^(?=.*[\\p{L}\\p{N}])[^\\p{Cc}\\p{Zl}\\p{Zp}\\u202a-\\u202e\\u2066-\\u2069]{1,200}$',
  description: 'One line',
})

/** The form that an address is looked up by; 400 REQUEST_INVALID where it is none. */
export function requireEmailKey(email: string): string {
  const key = emailKey(email)
  if (!key) throw problem('REQUEST_INVALID', { issues: [{ path: '/email', message: 'must be one plain e-mail address' }] })
  return key
}

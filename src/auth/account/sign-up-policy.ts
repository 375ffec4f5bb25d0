import { problem } from '../../errors.ts'
import type { AuthPolicy } from '../../tenancy/auth-policy.ts'

type SignUpPolicy = Pick<AuthPolicy, 'signUp' | 'signUpDomains'>

/** Whether anybody at all can sign up without an invitation. */
export function isSignUpOpen({ signUp }: SignUpPolicy): boolean {
  return signUp === 'open' || signUp === 'domain'
}

/** 403 SIGN_UP_CLOSED where nobody can sign up without an invitation, whatever the address. */
export function requireOpenSignUp(policy: SignUpPolicy): void {
  if (!isSignUpOpen(policy)) throw problem('SIGN_UP_CLOSED')
}

/** The same, and 403 SIGN_UP_DOMAIN for an address of another domain. Depends on the address alone, and not on whether anybody has it. */
export function requireSignUpOf(policy: SignUpPolicy, emailKey: string): void {
  requireOpenSignUp(policy)
  const domain = emailKey.slice(emailKey.lastIndexOf('@') + 1)
  // Exact: whoever runs `mail.example.st` may be somebody else than who runs `example.st`.
  if (policy.signUp === 'domain' && !policy.signUpDomains.includes(domain)) throw problem('SIGN_UP_DOMAIN')
}

import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { TenantDb } from '../db/client.ts'
import { type CaptchaProvider, captchaProviders } from '../security/captcha/captcha-provider.ts'
import type { Tenant } from './directory.ts'

/** How people get into a site. Its staff decide, within what DEFAULTS allows. */
export interface AuthPolicy {
  /** `domain`: addresses of the listed domains only. `invitation`: who was invited. `closed`: nobody new at all. */
  signUp: 'open' | 'invitation' | 'domain' | 'closed'
  signUpDomains: readonly string[]
  /** `off`: nobody is asked for one. `staff`: whoever holds a permission has to have one. */
  secondFactor: 'off' | 'optional' | 'staff' | 'required'
  mailedSignIn: boolean
  passkeys: boolean
  /** Least length of a new password. */
  passwordLength: number
  captcha: { provider: CaptchaProvider; siteKey: string; sealedSecret: string | null }
}

export const defaultAuthPolicy: AuthPolicy = {
  signUp: 'open',
  signUpDomains: [],
  secondFactor: 'optional',
  mailedSignIn: true,
  passkeys: true,
  passwordLength: 10,
  captcha: { provider: 'none', siteKey: '', sealedSecret: null },
}

export interface AuthPolicies {
  of(tenant: Tenant, db: TenantDb): AuthPolicy | Promise<AuthPolicy>
}

const keptPolicies = 5_000

/** Kept by the tenant's version, which every change of the policy raises. */
export function createAuthPolicies(): AuthPolicies {
  const kept = new LRUCache<string, AuthPolicy>(atMost(keptPolicies))
  return {
    of(tenant, db) {
      const key = `${tenant.id} ${tenant.version}`
      const known = kept.get(key)
      if (known) return known
      return readAuthPolicy(db, tenant).then((policy) => {
        kept.set(key, policy)
        return policy
      })
    },
  }
}

/** As it stands in the database now. The hub's own staff are not whoever comes along: there, nobody can sign up. */
export async function readAuthPolicy(db: Pick<TenantDb, 'authPolicy'>, { kind }: Pick<Tenant, 'kind'>): Promise<AuthPolicy> {
  const row = await db.authPolicy.findFirst()
  const signUp = row ? oneOf(['open', 'invitation', 'domain', 'closed'], row.signUp) : defaultAuthPolicy.signUp
  const allowed = kind === 'platform' && signUp !== 'closed' ? 'invitation' : signUp
  if (!row) return { ...defaultAuthPolicy, signUp: allowed }
  return {
    signUp: allowed,
    signUpDomains: row.signUpDomains,
    secondFactor: oneOf(['off', 'optional', 'staff', 'required'], row.secondFactor),
    mailedSignIn: row.mailedSignIn,
    passkeys: row.passkeys,
    passwordLength: row.passwordLength,
    captcha: {
      provider: oneOf(captchaProviders, row.captchaProvider),
      siteKey: row.captchaSiteKey,
      sealedSecret: row.sealedCaptchaSecret,
    },
  }
}

/** A text column that the database checks. */
function oneOf<const Value extends string>(values: readonly Value[], text: string): Value {
  const found = values.find((value) => value === text)
  if (found === undefined) throw new Error(`a stored policy says "${text}"`)
  return found
}

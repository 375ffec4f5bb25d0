import { problem } from '../../errors.ts'

/** Nobody grants what they do not hold (ROLE_BEYOND_OWN), nor changes who holds more than they do (MEMBER_BEYOND_OWN): 403. */
export function refuseBeyondOwn(held: readonly string[], asked: readonly string[], code: 'ROLE_BEYOND_OWN' | 'MEMBER_BEYOND_OWN'): void {
  if (!isWithin(held, asked)) throw problem(code)
}

export function isWithin(held: readonly string[], asked: readonly string[]): boolean {
  return asked.every((permission) => held.includes(permission))
}

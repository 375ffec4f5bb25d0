import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { returnAddress } from '../../tenancy/return-address.ts'

/** Comes with the address of a page and goes along in its forms; checked wherever it is used. */
export const ReturnTo = Type.Optional(Type.String({ maxLength: 2_000 }))

export interface ReturnWish {
  /** For the form's hidden field; empty where there is nowhere to return to. */
  hidden: Record<string, string>
  /** For the policy of a page whose form may end there. */
  formTargets: string[]
}

/** What is left of a wish that holds; a wish that does not is dropped without a word. */
export async function readReturnWish(request: FastifyRequest, wish: string | undefined): Promise<ReturnWish> {
  const address = await returnAddress(request, wish)
  if (!address) return { hidden: {}, formTargets: [] }
  return { hidden: { return_to: address }, formTargets: address.startsWith('/') ? [] : [new URL(address).origin] }
}

import { type ErrorCode, isProblem } from '../../errors.ts'

const words: Partial<Record<ErrorCode, (slug: string) => string>> = {
  SIGN_UP_CLOSED: (slug) => `${slug} takes nobody new: its sign-up policy is "closed". Its staff can open it to invitations.`,
  MEMBER_EXISTS: (slug) => `That address belongs to a member of ${slug} already.`,
  ROLE_UNKNOWN: (slug) => `${slug} has no such role.`,
  REQUEST_INVALID: () => 'That is no plain e-mail address.',
}

/** What a flow refuses comes as one line. */
export async function withWords<Result>(slug: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isProblem(error)) throw error
    const said = Object.entries(words).find(([code]) => code === error.code)?.[1](slug)
    throw new Error(said ?? error.message, { cause: error })
  }
}

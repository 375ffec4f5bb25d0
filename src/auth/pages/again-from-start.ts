import type { Content } from './account-page.ts'
import { renderMore } from './more-link.ts'
import type { Words } from './words.ts'

/** Where a sign-in that was under way is over: the way back to its beginning. */
export function againFromStart({ secondFactor, signIn }: Words): Content {
  return { title: secondFactor.title, after: renderMore('/account/sign-in', signIn.title) }
}

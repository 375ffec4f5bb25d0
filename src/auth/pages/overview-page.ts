import { problem } from '../../errors.ts'
import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { readMemberFactors, usableFactors } from '../factors/member-factors.ts'
import { openAccountPage } from './account-page.ts'
import { type Fact, renderFacts } from './facts.ts'
import { type Overview, readOverview } from './read-overview.ts'
import { sayRole } from './role-words.ts'
import type { Words } from './words.ts'
import { momentWriter } from './write-moment.ts'

/** Also for an operator who acts as the member, who is led nowhere from it. */
export const overviewPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const { db, server, tenant, session } = request
    const page = await openAccountPage(request, reply)
    const overview = await readOverview(db, session.memberId)
    if (!overview) throw problem('AUTH_TOKEN_INVALID')
    const policy = await server.authPolicies.of(tenant, db)
    const hasFactor = usableFactors(policy, await readMemberFactors(db, session.memberId)) > 0
    const facts = factsOf(page.words, overview, { hasFactor, write: await momentWriter(request, page.language) })
    const shown = session.member.operator ? facts.map(({ term, value }) => ({ term, value })) : facts
    page.send({ title: page.words.overview.title, after: renderFacts(shown) })
    return reply
  },
})

function factsOf(
  words: Words,
  { name, email, roles, passwordAt, sessions }: Overview,
  { hasFactor, write }: { hasFactor: boolean; write: (moment: string) => string },
): Fact[] {
  const { overview: said } = words
  const { choose } = words.profile.password
  const password = passwordAt ? said.passwordSet(write(passwordAt.toISOString())) : said.noPassword
  return [
    { term: said.name, value: escapeHtml(name) },
    { term: said.email, value: escapeHtml(email), link: { address: '/account/profile', text: said.toProfile } },
    { term: said.roles, value: escapeHtml(roles.map((role) => sayRole(words, role)).join(', ') || said.none) },
    { term: said.password, value: password, link: { address: '/account/profile/password', text: passwordAt ? said.toPassword : choose } },
    { term: said.factor, value: hasFactor ? said.hasFactor : said.noFactor, link: { address: '/account/security', text: said.toSecurity } },
    { term: said.sessions, value: String(sessions), link: { address: '/account/sessions', text: said.toSessions } },
  ]
}

import { defineFlow } from '../../tenancy/define-flow.ts'
import { escapeHtml } from '../../tenancy/escape-html.ts'
import { openAccountPage } from './account-page.ts'

export const overviewPage = defineFlow({
  schema: { hide: true },
  async handler(request, reply) {
    const page = await openAccountPage(request, reply)
    const { overview: said } = page.words
    const { name, email, roles } = request.session.member
    const facts = [
      [said.name, name],
      [said.email, email],
      [said.roles, roles.join(', ') || said.none],
    ]
    const list = facts.map(([term, value = '']) => `<dt>${term}</dt><dd>${escapeHtml(value)}</dd>`).join('')
    page.send({ title: said.title, after: `<dl>${list}</dl>` })
    return reply
  },
})

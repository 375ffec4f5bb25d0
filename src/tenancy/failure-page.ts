import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../errors.ts'
import type { Scope } from './define-flow.ts'
import { escapeHtml } from './escape-html.ts'
import { type Language, visitorLanguage } from './language.ts'
import { sendPage } from './page.ts'
import { type PageSite, readPageSite } from './page-site.ts'

export interface PagesOptions {
  /** Logs a failure, and gives the reply its status and headers. */
  prepareProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Problem
}

/** Lets what fails in this scope, and is told by none of its pages, be told by one in the site's brand. */
export function answerFailuresByPage(scope: Scope, { prepareProblem }: PagesOptions): void {
  scope.setErrorHandler(async (error, request, reply) => {
    sendFailurePage(prepareProblem(error, request, reply), request, reply, await findSite(request))
    return reply
  })
}

const portuguese = {
  title: 'Não foi possível',
  refused: 'O pedido não pôde ser aceite. Volte à página anterior, recarregue-a e tente de novo.',
  ours: 'Algo falhou do nosso lado. Tente de novo daqui a pouco.',
  reference: 'Referência',
  home: 'Voltar ao site',
}

const english: typeof portuguese = {
  title: 'That did not work',
  refused: 'The request could not be accepted. Go back to the page before, load it anew and try again.',
  ours: 'Something went wrong on our side. Try again in a moment.',
  reference: 'Reference',
  home: 'Back to the site',
}

const french: typeof portuguese = {
  title: 'Cela n’a pas fonctionné',
  refused: 'La demande n’a pas pu être acceptée. Revenez à la page précédente, rechargez-la et réessayez.',
  ours: 'Une erreur s’est produite de notre côté. Réessayez dans un moment.',
  reference: 'Référence',
  home: 'Retour au site',
}

const words: Record<Language, typeof portuguese> = { pt: portuguese, en: english, fr: french }

function sendFailurePage({ statusCode }: Problem, { id, headers }: FastifyRequest, reply: FastifyReply, site: PageSite | undefined): void {
  const language = visitorLanguage(headers['accept-language'], site?.locale ?? '')
  const { title, refused, ours, reference, home } = words[language]
  const content =
    `<p>${statusCode < 500 ? refused : ours}</p><p class="hint">${reference}: ${escapeHtml(id)}</p>` +
    `${site ? `<p class="more"><a href="/">${home}</a></p>` : ''}`
  sendPage(reply, { site, language, title, content })
}

/** Undefined also where that is what failed: no site under this host, or no database. */
async function findSite(request: FastifyRequest): Promise<PageSite | undefined> {
  try {
    return await readPageSite(request.db)
  } catch {
    return undefined
  }
}

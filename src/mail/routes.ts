import type { Scope } from '../tenancy/define-flow.ts'
import { readAccount } from './account/read-account.ts'
import { saveAccount } from './account/save-account.ts'
import { testAccount } from './account/test-account.ts'
import { checkDomain } from './domains/check-domain.ts'
import { listDomains } from './domains/list-domains.ts'
import { removeDomain } from './domains/remove-domain.ts'
import { saveDomain } from './domains/save-domain.ts'
import { listMessages } from './outbox/list-messages.ts'
import { sendMessageAgain } from './outbox/send-message-again.ts'
import { receiveProviderEvent } from './reports/receive-provider-event.ts'
import { receiveReport } from './reports/receive-report.ts'
import { requireReportToken } from './reports/report-credentials.ts'
import { rotateReportToken } from './reports/rotate-report-token.ts'
import { saveWebhookSecret } from './reports/save-webhook-secret.ts'
import { addSuppression } from './suppressions/add-suppression.ts'
import { listSuppressions } from './suppressions/list-suppressions.ts'
import { removeSuppression } from './suppressions/remove-suppression.ts'
import { listTemplates } from './templates/list-templates.ts'
import { previewTemplate } from './templates/preview-template.ts'
import { removeTemplate } from './templates/remove-template.ts'
import { saveTemplate } from './templates/save-template.ts'

/** For a site's staff; src/tenancy/access.ts says who of them. */
export async function staffMailRoutes(scope: Scope): Promise<void> {
  scope.get('/v1/mail-account', readAccount)
  scope.put('/v1/mail-account', saveAccount)
  scope.post('/v1/mail-account/test', testAccount)
  scope.get('/v1/mail/messages', listMessages)
  scope.post('/v1/mail/messages/:message/send-again', sendMessageAgain)
  scope.get('/v1/mail/templates', listTemplates)
  scope.put('/v1/mail/templates/:kind/:locale', saveTemplate)
  scope.delete('/v1/mail/templates/:kind/:locale', removeTemplate)
  scope.post('/v1/mail/templates/:kind/:locale/preview', previewTemplate)
  scope.get('/v1/mail/domains', listDomains)
  scope.put('/v1/mail/domains/:domain', saveDomain)
  scope.delete('/v1/mail/domains/:domain', removeDomain)
  scope.post('/v1/mail/domains/:domain/check', checkDomain)
  scope.get('/v1/mail/suppressions', listSuppressions)
  scope.post('/v1/mail/suppressions', addSuppression)
  scope.delete('/v1/mail/suppressions/:email', removeSuppression)
  scope.post('/v1/mail-account/report-token', rotateReportToken)
  scope.put('/v1/mail-account/webhook-secret', saveWebhookSecret)
}

/** For mail servers and providers, which show a secret of the site instead of a session. */
export async function publicMailRoutes(scope: Scope): Promise<void> {
  await scope.register(async (reports: Scope) => {
    takeOnly(reports, 'message/rfc822')
    reports.post('/v1/mail/reports', { ...receiveReport, onRequest: requireReportToken })
  })
  await scope.register(async (events: Scope) => {
    takeOnly(events, 'application/json')
    events.post('/v1/mail/events/resend', receiveProviderEvent)
  })
}

/** Bodies as the bytes they came in: one kind is parsed by ourselves, the other is signed. */
function takeOnly(scope: Scope, contentType: string): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(contentType, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

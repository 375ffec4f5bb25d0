import formbody from '@fastify/formbody'
import type { FastifyRequest } from 'fastify'
import { captchaDefinitions } from '../../security/captcha/captcha-provider.ts'
import type { Scope } from '../../tenancy/define-flow.ts'
import { answerFailuresByPage, type PagesOptions } from '../../tenancy/failure-page.ts'
import { backToSignIn } from './back-to-sign-in.ts'
import { emailChangePage, submitChangeEmail, submitConfirmEmail } from './email-change-page.ts'
import { enterPage, submitEnter } from './enter-page.ts'
import { erasePage, submitErase } from './erase-page.ts'
import { exportPage } from './export-page.ts'
import { forgotPasswordPage, submitForgotPassword } from './forgot-password-page.ts'
import { invitationPage, submitInvitation } from './invitation-page.ts'
import { keepAccountPage, submitKeepAccount } from './keep-account-page.ts'
import { overviewPage } from './overview-page.ts'
import { ownEmailPage, submitCancelEmailChange, submitOwnEmail } from './own-email-page.ts'
import { newPasskeyPage, renamePasskeyPage, submitRemovePasskey, submitRenamePasskey } from './own-passkeys-page.ts'
import { ownPasswordPage, submitOwnPassword } from './own-password-page.ts'
import { requirePageSession } from './page-session.ts'
import { profilePage, submitProfile } from './profile-page.ts'
import { reauthenticatePage, submitReauthenticate, submitReauthenticateMail } from './reauthenticate-page.ts'
import { recoveryCodesPage, submitRecoveryCodes } from './recovery-codes-page.ts'
import { refuseOperator } from './refuse-operator.ts'
import { requireProof } from './require-proof.ts'
import { resetPasswordPage, submitResetPassword } from './reset-password-page.ts'
import { securityPage } from './security-page.ts'
import { sessionsPage, submitEndOthers, submitEndSession, submitSignOutEverywhere } from './sessions-page.ts'
import { signInLinkPage, submitSignInLink } from './sign-in-link-page.ts'
import { signInMailPage, submitSignInCode, submitSignInMail } from './sign-in-mail-page.ts'
import { signInPage, submitSignIn } from './sign-in-page.ts'
import { signedOutPage, submitSignOut } from './sign-out-page.ts'
import { signUpPage, submitSignUp } from './sign-up-page.ts'
import { submitEnrolment } from './submit-enrolment.ts'
import { submitSecondFactor } from './submit-second-factor.ts'
import { submitConfirmTotp, submitRemoveTotp, submitStartTotp, totpPage } from './totp-page.ts'
import { submitVerifyEmail, verifyEmailPage } from './verify-email-page.ts'

/** For everybody who has a browser: forms without a script. Here and nowhere else a form is read; and nothing but a form. */
export async function accountPages(scope: Scope, options: PagesOptions): Promise<void> {
  scope.removeAllContentTypeParsers()
  await scope.register(formbody, { bodyLimit: 4096 })
  scope.addHook('preValidation', tidyForm)
  answerFailuresByPage(scope, options)

  scope.get('/account/sign-in', signInPage)
  scope.get('/account/sign-in-mail', signInMailPage)
  scope.get('/account/sign-in-link', signInLinkPage)
  for (const step of ['sign-in-code', 'second-factor', 'enrol-factor']) scope.get(`/account/${step}`, backToSignIn)
  scope.get('/account/sign-up', signUpPage)
  scope.get('/account/verify-email', verifyEmailPage)
  scope.get('/account/forgot-password', forgotPasswordPage)
  scope.get('/account/reset-password', resetPasswordPage)
  scope.get('/account/enter', enterPage)
  scope.get('/account/confirm-email', emailChangePage)
  scope.get('/account/change-email', emailChangePage)
  scope.get('/account/keep-account', keepAccountPage)
  scope.get('/account/invitation', invitationPage)
  // What is wrong with a form is told on its page.
  const form = { attachValidation: true }
  scope.post('/account/sign-in', { ...submitSignIn, ...form })
  scope.post('/account/sign-in-mail', { ...submitSignInMail, ...form })
  scope.post('/account/sign-in-code', { ...submitSignInCode, ...form })
  scope.post('/account/sign-in-link', { ...submitSignInLink, ...form })
  scope.post('/account/second-factor', { ...submitSecondFactor, ...form })
  scope.post('/account/enrol-factor', { ...submitEnrolment, ...form })
  scope.post('/account/sign-up', { ...submitSignUp, ...form })
  scope.post('/account/verify-email', { ...submitVerifyEmail, ...form })
  scope.post('/account/forgot-password', { ...submitForgotPassword, ...form })
  scope.post('/account/reset-password', { ...submitResetPassword, ...form })
  scope.post('/account/enter', { ...submitEnter, ...form })
  scope.post('/account/confirm-email', { ...submitConfirmEmail, ...form })
  scope.post('/account/change-email', { ...submitChangeEmail, ...form })
  scope.post('/account/keep-account', { ...submitKeepAccount, ...form })
  scope.post('/account/invitation', { ...submitInvitation, ...form })
  scope.post('/account/sign-out', submitSignOut)
  scope.get('/account/signed-out', signedOutPage)
  await scope.register(memberPages)
}

/** For members; everybody else is sent to sign in first. */
async function memberPages(scope: Scope): Promise<void> {
  scope.addHook('onRequest', requirePageSession)
  scope.get('/account', overviewPage)
  await scope.register(ownPages)
}

/** About the member's own account, and no operator's: sensitive acts ask for a fresh proof as their routes below /v1 do. */
async function ownPages(scope: Scope): Promise<void> {
  scope.addHook('onRequest', refuseOperator)
  const form = { attachValidation: true }
  const email = { onRequest: requireProof('/account/profile/email') }
  const password = { onRequest: requireProof('/account/profile/password') }
  const erase = { onRequest: requireProof('/account/profile/erase') }
  scope.get('/account/profile', profilePage)
  scope.post('/account/profile', { ...submitProfile, ...form })
  scope.get('/account/profile/email', { ...ownEmailPage, ...email })
  scope.post('/account/profile/email', { ...submitOwnEmail, ...form, ...email })
  scope.post('/account/profile/email/cancel', submitCancelEmailChange)
  scope.get('/account/profile/password', { ...ownPasswordPage, ...password })
  scope.post('/account/profile/password', { ...submitOwnPassword, ...form, ...password })
  scope.get('/account/profile/erase', { ...erasePage, ...erase })
  scope.post('/account/profile/erase', { ...submitErase, ...form, ...erase })
  scope.get('/account/export', { ...exportPage, onRequest: requireProof('/account/profile') })
  const security = { onRequest: requireProof('/account/security') }
  const app = { onRequest: requireProof('/account/security/totp') }
  const codes = { onRequest: requireProof('/account/security/recovery-codes') }
  const sessions = { onRequest: requireProof('/account/sessions') }
  scope.get('/account/security', securityPage)
  scope.get('/account/security/totp', { ...totpPage, ...app })
  scope.post('/account/security/totp', { ...submitStartTotp, ...form, ...app })
  scope.post('/account/security/totp/confirm', { ...submitConfirmTotp, ...form, ...app })
  scope.post('/account/security/totp/remove', { ...submitRemoveTotp, ...security })
  scope.get('/account/security/passkey', { ...newPasskeyPage, onRequest: requireProof('/account/security/passkey') })
  scope.get('/account/security/passkey/rename', renamePasskeyPage)
  scope.post('/account/security/passkey/rename', { ...submitRenamePasskey, ...form })
  scope.post('/account/security/passkey/remove', { ...submitRemovePasskey, ...security })
  scope.get('/account/security/recovery-codes', { ...recoveryCodesPage, ...codes })
  scope.post('/account/security/recovery-codes', { ...submitRecoveryCodes, ...codes })
  scope.get('/account/sessions', sessionsPage)
  scope.post('/account/sessions/end', { ...submitEndSession, ...sessions })
  scope.post('/account/sessions/end-others', { ...submitEndOthers, ...sessions })
  // ASVS V7.5.2: the way out asks for nothing.
  scope.post('/account/sessions/sign-out-everywhere', submitSignOutEverywhere)
  scope.get('/account/reauthenticate', reauthenticatePage)
  scope.post('/account/reauthenticate', { ...submitReauthenticate, ...form })
  scope.post('/account/reauthenticate/mail', submitReauthenticateMail)
}

const captchaFields: readonly string[] = Object.values(captchaDefinitions).map(({ field }) => field)

/** Spaces that come along when something is typed on a phone or pasted. A password is taken as it is; a captcha's field by one name. */
async function tidyForm({ body }: FastifyRequest): Promise<void> {
  if (typeof body !== 'object' || body === null) return
  for (const [name, value] of Object.entries(body)) {
    if (typeof value !== 'string') continue
    if (captchaFields.includes(name)) takeCaptcha(body, name, value)
    if (name === 'email' || name === 'name' || name === 'appName' || name === 'passkeyName') Reflect.set(body, name, value.trim())
    if (name === 'code' || name === 'mailCode') Reflect.set(body, name, value.replace(/\s/g, ''))
  }
}

/** Empty where it was not solved. */
function takeCaptcha(body: object, name: string, value: string): void {
  Reflect.deleteProperty(body, name)
  if (value !== '') Reflect.set(body, 'captcha', value)
}

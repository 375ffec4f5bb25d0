import createError from '@fastify/error'

/**
 * Every failure a caller can meet. A code is stable once released; a message is a public sentence and never carries user data.
 * docs/errors.md is held to this list by a test.
 */
export const errors = {
  // Finding the tenant
  HOST_INVALID: createError('HOST_INVALID', 'The host of the request is missing, doubled or malformed.', 400),
  TENANT_UNKNOWN: createError('TENANT_UNKNOWN', 'No site is served under this name.', 404),
  TENANT_AMBIGUOUS: createError('TENANT_AMBIGUOUS', 'The request names two different sites.', 403),
  TENANT_SUSPENDED: createError('TENANT_SUSPENDED', 'This site is suspended.', 403),

  // Reading the request
  REQUEST_INVALID: createError('REQUEST_INVALID', 'The request does not match what this operation takes.', 400),
  BODY_INVALID: createError('BODY_INVALID', 'The body is not valid JSON.', 400),
  BODY_TOO_LARGE: createError('BODY_TOO_LARGE', 'The body is larger than this operation takes.', 413),
  HEADERS_TOO_LARGE: createError('HEADERS_TOO_LARGE', 'The headers of the request are larger than 16 kB.', 431),
  REQUEST_TIMEOUT: createError('REQUEST_TIMEOUT', 'The request took too long to arrive.', 408),
  CONTENT_TYPE_UNSUPPORTED: createError(
    'CONTENT_TYPE_UNSUPPORTED',
    'This operation does not take a body of that type; most take application/json.',
    415,
  ),
  CURSOR_INVALID: createError('CURSOR_INVALID', 'The value of "after" is not a cursor of this list.', 400),
  ROUTE_UNKNOWN: createError('ROUTE_UNKNOWN', 'There is nothing at this address.', 404),
  RANGE_UNSATISFIABLE: createError('RANGE_UNSATISFIABLE', 'The file is shorter than the part of it that was asked for.', 416),
  ORIGIN_REFUSED: createError('ORIGIN_REFUSED', 'Requests from this web origin are not accepted here.', 403),

  // Identity
  AUTH_INVALID_CREDENTIALS: createError('AUTH_INVALID_CREDENTIALS', 'Email or password is incorrect.', 401),
  AUTH_REQUIRED: createError('AUTH_REQUIRED', 'Sign in to use this.', 401),
  AUTH_TOKEN_INVALID: createError('AUTH_TOKEN_INVALID', 'The access token is invalid or has expired.', 401),
  AUTH_REFRESH_INVALID: createError('AUTH_REFRESH_INVALID', 'The session is unknown, has ended or has expired. Sign in again.', 401),
  AUTH_REFRESH_REUSED: createError('AUTH_REFRESH_REUSED', 'This refresh token was used before, so its session has been ended. Sign in again.', 401),
  AUTH_KEY_INVALID: createError('AUTH_KEY_INVALID', 'The API key is unknown, was revoked or has expired.', 401),
  AUTH_FORBIDDEN: createError('AUTH_FORBIDDEN', 'Your roles do not allow this.', 403),
  SIGNING_KEY_UNREADABLE: createError('SIGNING_KEY_UNREADABLE', 'The signing key of this site does not open, so it is not exchanged.', 409),

  AUTH_PROOF_NEEDED: createError('AUTH_PROOF_NEEDED', 'Show once more who you are to do this: your last sign-in is too long ago.', 403),
  AUTH_PERSON_NEEDED: createError('AUTH_PERSON_NEEDED', 'This is for a member who is signed in, not for an API key.', 403),
  AUTH_OPERATOR_REFUSED: createError('AUTH_OPERATOR_REFUSED', 'An operator who acts as a member cannot do this.', 403),
  AUTH_PROOF_WRONG: createError('AUTH_PROOF_WRONG', 'That does not prove that it is you. Your session goes on.', 403),
  AUTH_FACTOR_NEEDED: createError('AUTH_FACTOR_NEEDED', 'Your account has a second factor: show that as well.', 403),
  SESSION_UNKNOWN: createError('SESSION_UNKNOWN', 'You have no such session.', 404),
  MAILED_SIGN_IN_OFF: createError('MAILED_SIGN_IN_OFF', 'This site does not let people in by mail.', 403),

  SECOND_FACTOR_INVALID: createError('SECOND_FACTOR_INVALID', 'The second factor is wrong, or was used before.', 401),
  PENDING_INVALID: createError('PENDING_INVALID', 'This sign-in has expired, was used before, or had too many tries. Begin again.', 401),
  PASSKEY_INVALID: createError('PASSKEY_INVALID', 'The passkey is unknown here, or its answer cannot be accepted.', 401),
  PASSKEY_REFUSED: createError('PASSKEY_REFUSED', 'This passkey cannot be added.', 400),
  PASSKEYS_OFF: createError('PASSKEYS_OFF', 'This site uses no passkeys.', 403),
  FACTOR_UNKNOWN: createError('FACTOR_UNKNOWN', 'Your account has no such factor.', 404),
  FACTOR_CODE_INVALID: createError('FACTOR_CODE_INVALID', 'The code does not belong to the secret that is being set up.', 400),
  FACTOR_REQUIRED: createError('FACTOR_REQUIRED', 'This site requires a second factor, and this is your last one.', 409),
  FACTOR_MISSING: createError('FACTOR_MISSING', 'Recovery codes stand in for a second factor, and your account has none.', 409),
  FACTOR_LIMIT: createError('FACTOR_LIMIT', 'Your account has as many factors of this kind as it can have.', 409),

  SIGN_UP_CLOSED: createError('SIGN_UP_CLOSED', 'This site takes no sign-ups.', 403),
  SIGN_UP_DOMAIN: createError('SIGN_UP_DOMAIN', 'This site takes sign-ups with addresses of certain domains only.', 403),
  AUTH_PASSWORD_WRONG: createError('AUTH_PASSWORD_WRONG', 'The current password is missing or wrong.', 403),
  CHALLENGE_INVALID: createError('CHALLENGE_INVALID', 'The link or code is wrong, was used before, or has expired. Ask for a new one.', 400),
  PASSWORD_WEAK: createError('PASSWORD_WEAK', 'The new password is too easy to guess, too short or too long.', 400),

  // Guards
  CAPTCHA_REQUIRED: createError('CAPTCHA_REQUIRED', 'This site asks for its captcha to be solved first.', 400),
  CAPTCHA_INVALID: createError('CAPTCHA_INVALID', 'The captcha was not solved, was used before, or belongs to another site. Solve a new one.', 400),
  CAPTCHA_UNAVAILABLE: createError(
    'CAPTCHA_UNAVAILABLE',
    'The captcha cannot be checked at the moment. Try again after the time given in Retry-After.',
    503,
  ),

  // Staff and roles
  MEMBER_UNKNOWN: createError('MEMBER_UNKNOWN', 'This site has no such member.', 404),
  MEMBER_EXISTS: createError('MEMBER_EXISTS', 'That address belongs to a member of this site already.', 409),
  MEMBER_BEYOND_OWN: createError('MEMBER_BEYOND_OWN', 'This member may do more here than you may.', 403),
  LAST_OWNER: createError('LAST_OWNER', 'The site would be left without an owner.', 409),
  ROLE_UNKNOWN: createError('ROLE_UNKNOWN', 'This site has no such role.', 404),
  ROLE_EXISTS: createError('ROLE_EXISTS', 'There is a role of that name already.', 409),
  ROLE_BEYOND_OWN: createError('ROLE_BEYOND_OWN', 'The role allows more than your own roles do.', 403),
  ROLE_BUILT_IN: createError('ROLE_BUILT_IN', 'This role belongs to every site: it can be neither changed nor removed.', 409),
  ROLE_IN_USE: createError('ROLE_IN_USE', 'There are members who have this role, or are invited to it.', 409),
  ROLE_LIMIT: createError('ROLE_LIMIT', 'The site has as many roles of its own as it can have.', 409),
  INVITATION_UNKNOWN: createError('INVITATION_UNKNOWN', 'There is no such open invitation.', 404),

  API_KEY_UNKNOWN: createError('API_KEY_UNKNOWN', 'There is no such API key.', 404),
  API_KEYS_FULL: createError('API_KEYS_FULL', 'This site has as many API keys as it can.', 409),
  OPERATOR_ENTRY_INVALID: createError('OPERATOR_ENTRY_INVALID', 'The way in is wrong, was used before, or has expired.', 400),

  // The hub
  SITE_UNKNOWN: createError('SITE_UNKNOWN', 'There is no such site.', 404),
  SITE_MEMBER_UNKNOWN: createError('SITE_MEMBER_UNKNOWN', 'That site has no active member by this address or id.', 404),

  // Mail
  MAIL_ACCOUNT_REFUSED: createError('MAIL_ACCOUNT_REFUSED', 'Mail could not be sent with these settings, so they were not kept.', 422),
  MAIL_ACCOUNT_MISSING: createError('MAIL_ACCOUNT_MISSING', 'There is no mail account to send with.', 409),
  MAIL_SEND_FAILED: createError('MAIL_SEND_FAILED', 'The mail server did not take the mail.', 502),
  MAIL_TEMPLATE_INVALID: createError('MAIL_TEMPLATE_INVALID', 'The template has a fault, so it was not kept.', 422),
  MAIL_TEMPLATE_UNKNOWN: createError('MAIL_TEMPLATE_UNKNOWN', 'There is no such kind of mail or language.', 404),
  MAIL_MESSAGE_UNKNOWN: createError('MAIL_MESSAGE_UNKNOWN', 'There is no such mail.', 404),
  MAIL_MESSAGE_NOT_DEAD: createError('MAIL_MESSAGE_NOT_DEAD', 'Only a mail that could not be delivered can be sent again.', 409),
  MAIL_DOMAIN_UNKNOWN: createError('MAIL_DOMAIN_UNKNOWN', 'This site has no key for that domain.', 404),
  MAIL_SUPPRESSION_UNKNOWN: createError('MAIL_SUPPRESSION_UNKNOWN', 'That address is not suppressed.', 404),
  MAIL_REPORT_REFUSED: createError('MAIL_REPORT_REFUSED', 'The report carries no valid token or signature.', 401),
  INBOX_ELSEWHERE: createError('INBOX_ELSEWHERE', 'The inbox answers on its own machine alone.', 403),

  // Content
  FORM_UNKNOWN: createError('FORM_UNKNOWN', 'There is no such form.', 404),
  COLLECTION_UNKNOWN: createError('COLLECTION_UNKNOWN', 'There is no such collection.', 404),
  ENTRY_UNKNOWN: createError('ENTRY_UNKNOWN', 'There is no such entry.', 404),

  // Brand
  BRAND_FILE_UNKNOWN: createError('BRAND_FILE_UNKNOWN', 'The brand of this site has no such file.', 404),
  BRAND_ASSET_UNKNOWN: createError('BRAND_ASSET_UNKNOWN', 'This site has no such image or font.', 404),
  BRAND_ASSET_IN_USE: createError('BRAND_ASSET_IN_USE', 'The image or font is part of the draft or of a published brand.', 409),
  BRAND_ASSETS_FULL: createError('BRAND_ASSETS_FULL', 'This site has as many images and fonts for its brand as it can.', 409),
  BRAND_DRAFT_CHANGED: createError('BRAND_DRAFT_CHANGED', 'The draft was changed by somebody else meanwhile.', 409),
  BRAND_DRAFT_MISSING: createError('BRAND_DRAFT_MISSING', 'There is no draft: the brand is as it was published.', 409),
  BRAND_PUBLICATION_UNKNOWN: createError('BRAND_PUBLICATION_UNKNOWN', 'This site has no such publication of its brand.', 404),
  FONT_REFUSED: createError('FONT_REFUSED', 'The font cannot be taken: it has to be a whole WOFF2 file.', 422),

  // Files
  FILE_MISSING: createError('FILE_MISSING', 'The upload holds no file: send it in the field "file".', 400),
  FILE_TOO_LARGE: createError('FILE_TOO_LARGE', 'The file is larger than this operation takes.', 413),
  IMAGE_REFUSED: createError('IMAGE_REFUSED', 'The image cannot be taken.', 422),
  UPLOAD_MALFORMED: createError('UPLOAD_MALFORMED', 'The upload is malformed, or holds a field that is not known here.', 400),
  UPLOAD_PARTS: createError('UPLOAD_PARTS', 'The upload has more parts than this operation takes.', 413),
  UPLOAD_BROKEN_OFF: createError('UPLOAD_BROKEN_OFF', 'The upload broke off before its end.', 400),
  UPLOAD_MISMATCH: createError('UPLOAD_MISMATCH', 'The parts of the upload are not those that were announced.', 409),
  UPLOAD_UNKNOWN: createError('UPLOAD_UNKNOWN', 'There is no such upload, or it is over.', 404),
  MEDIA_UNKNOWN: createError('MEDIA_UNKNOWN', 'This site has no such file.', 404),
  MEDIA_TYPE_REFUSED: createError('MEDIA_TYPE_REFUSED', 'Files of this kind are not taken.', 422),
  MEDIA_QUOTA: createError('MEDIA_QUOTA', 'The files of this site would have more bytes than it may keep.', 409),
  MEDIA_IN_USE: createError('MEDIA_IN_USE', 'Entries of this site use this file.', 409),
  MEDIA_NOT_READY: createError('MEDIA_NOT_READY', 'The file has not been checked yet, or was refused.', 409),
  LENGTH_REQUIRED: createError('LENGTH_REQUIRED', 'This operation has to know beforehand how long the body is.', 411),
  STORAGE_UNAVAILABLE: createError(
    'STORAGE_UNAVAILABLE',
    'Files cannot be reached at the moment. Try again after the time given in Retry-After.',
    503,
  ),
  STORAGE_FULL: createError('STORAGE_FULL', 'There is no room left for files.', 507),

  // Limits and load
  RATE_LIMITED: createError('RATE_LIMITED', 'Too many requests. Wait for the time given in Retry-After.', 429),
  OVERLOADED: createError('OVERLOADED', 'The service is busy. Try again after the time given in Retry-After.', 503),
  DATABASE_UNAVAILABLE: createError(
    'DATABASE_UNAVAILABLE',
    'The service cannot reach its database. Try again after the time given in Retry-After.',
    503,
  ),
  NOT_READY: createError('NOT_READY', 'The service is starting or stopping.', 503),
  INTERNAL: createError('INTERNAL', 'Something went wrong on our side.', 500),
} as const

export type ErrorCode = keyof typeof errors

/** What a thrown problem may carry beside its code. */
export interface ProblemDetails {
  /** Seconds; leaves as the Retry-After header. */
  retryAfter?: number
  /** Where the request is wrong: a JSON pointer into `body`, `querystring` or `params`, and what is expected there; `reason` is a stable word where programs have to tell them apart. */
  issues?: { path: string; message: string; reason?: string }[]
  /** Logged, never sent. */
  cause?: unknown
}

export type Problem = Error & ProblemDetails & { code: ErrorCode; statusCode: number }

/** Builds the error to throw: `throw problem('RATE_LIMITED', { retryAfter: 60 })`. */
export function problem(code: ErrorCode, details: ProblemDetails = {}): Problem {
  return Object.assign(new errors[code](), { code }, details) as Problem
}

/** Throws 429 RATE_LIMITED where a limit says that there are seconds to wait. */
export function refuseFor(seconds: number): void {
  if (seconds > 0) throw problem('RATE_LIMITED', { retryAfter: seconds })
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && Object.hasOwn(errors, error.code)
}

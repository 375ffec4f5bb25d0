import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { permissionWords } from '../../src/auth/staff/permission-words.ts'
import { Environment } from '../../src/config/environment.ts'
import { type ErrorCode, errors } from '../../src/errors.ts'
import { hostFindings } from '../../src/hosts/host-findings.ts'
import { hostStates } from '../../src/hosts/host-state.ts'
import { leastBilledDays, leastBilledSize, listPrices } from '../../src/storage/archive-prices.ts'
import { access } from '../../src/tenancy/access.ts'
import { builtInRoles, operatorRole, permissions, platformPermissions } from '../../src/tenancy/permissions.ts'
import { commandList } from './command-list.ts'
import { root } from './import-graph.ts'

/** A text that follows from the code, and where in the documents it stands. */
export interface Generated {
  file: string
  /** Name of the marked block that holds it; without one it is the whole file. */
  block?: string
  text: string
}

interface Variable {
  name: string
  description: string
  preset: string
}

/** What to do about it. docs/errors.md is made of this and src/errors.ts; the compiler asks for a line about every code. */
const remedies: Record<ErrorCode, string> = {
  HOST_INVALID: 'Send one Host header with a plain host name, without an address literal or odd characters.',
  TENANT_UNKNOWN: 'Check the host. A site answers on its verified hosts only; with a resolver other than `host`, check the slug or id it was given.',
  TENANT_AMBIGUOUS: 'Two resolvers named different sites: drop the header, path prefix or token that belongs to the other one.',
  TENANT_SUSPENDED: 'Ask the operators of the hub; `tenantry site restore <slug>` brings the site back.',
  REQUEST_INVALID: 'Read `issues`: each has a JSON pointer and what is expected there. `/docs` shows what the operation takes.',
  BODY_INVALID: 'Send well-formed JSON with the right Content-Length, without the keys `__proto__` and `constructor`.',
  BODY_TOO_LARGE: 'Send less: 1 MB at most, 4 KB to most operations of `/v1/auth`.',
  HEADERS_TOO_LARGE: 'Send fewer or shorter headers: 16 kB in all. Cookies are the usual reason.',
  REQUEST_TIMEOUT: 'Send the whole request within 30 seconds, a file without a pause of a minute; a slow or broken connection is the usual reason.',
  CONTENT_TYPE_UNSUPPORTED:
    'Set Content-Type to `application/json`, or leave it out when there is no body. `/docs` shows the few operations that take another.',
  CURSOR_INVALID: 'Pass `next` of the page before, unchanged, to the same list of the same site; or start over without `after`.',
  ROUTE_UNKNOWN: 'Check method and path against `/docs`.',
  RANGE_UNSATISFIABLE: 'Read the length of the file in Content-Range, or ask for it without Range.',
  ORIGIN_REFUSED: "Call from a page on one of the site's own hosts, or list the page's origin with the site. See CSRF in docs/security.md.",
  AUTH_INVALID_CREDENTIALS: 'Try again. The answer is the same whether the account exists, the password is wrong or the member was deactivated.',
  AUTH_REQUIRED: 'Send `Authorization: Bearer <access token>`, or the cookies that sign-in set.',
  AUTH_TOKEN_INVALID:
    'Exchange the refresh token for a new access token; if that fails, sign in again. A token of one site is worth nothing at another.',
  AUTH_REFRESH_INVALID: 'Sign in again.',
  AUTH_REFRESH_REUSED:
    'Sign in again. A client that sees this without an attack keeps old refresh tokens: it has to store the newest one before using it.',
  AUTH_KEY_INVALID: 'Make a new key with `POST /v1/api-keys`. A key of one site is worth nothing at another.',
  AUTH_FORBIDDEN: "Ask the site's owner for a role that has the permission.",
  AUTH_PROOF_NEEDED: 'Call `POST /v1/auth/reauthenticate` with the password or another proof, then try again within ten minutes.',
  AUTH_PERSON_NEEDED: 'Sign in as a member: this is about an account of one’s own, or too much for a key.',
  AUTH_OPERATOR_REFUSED: 'Ask the member: passwords, addresses, factors, keys and the like are theirs alone.',
  SIGNING_KEY_UNREADABLE:
    'Operators: put the key that sealed it back into SECRET_KEYS. Where it is lost, rotate with `immediately`, or `tenantry keys rotate --now --unreadable`.',
  SECOND_FACTOR_INVALID:
    'Try again with the newest code of the app (each is good once), a recovery code that was not used yet, or a passkey. Five tries a sign-in.',
  PENDING_INVALID:
    'Sign in again from the start: `pending` is good once, for ten minutes and five tries. After twenty wrong tries in a day a new password is needed, or a day.',
  PASSKEY_INVALID:
    'Ask for new options and try again: each challenge is good once, for five minutes. A removed passkey, or one of another site, is unknown.',
  PASSKEY_REFUSED: "Ask for new options and try again on the site's own canonical host, with a device that checks who you are (PIN, finger, face).",
  PASSKEYS_OFF: 'Sign in another way. The site’s staff can allow passkeys.',
  FACTOR_UNKNOWN: '`GET /v1/me/factors` lists them. One that is not confirmed within ten minutes is gone: start over.',
  FACTOR_CODE_INVALID: 'Type the code that the app shows now. If it stays wrong, the clock of the device is off by more than half a minute.',
  FACTOR_REQUIRED: 'Add another factor first, then remove this one.',
  FACTOR_MISSING: 'Set up an authenticator app or a passkey first: recovery codes come with the first one.',
  FACTOR_LIMIT: 'Remove one that is not used any more.',
  AUTH_PROOF_WRONG: 'Try again. Who has no password asks for a code with `POST /v1/auth/mailed-sign-in`; who has one is asked for it.',
  AUTH_FACTOR_NEEDED: 'Send the second factor together with the first proof.',
  SESSION_UNKNOWN: '`GET /v1/me/sessions` lists those that are live.',
  MAILED_SIGN_IN_OFF: "Sign in another way, or ask the site's staff to allow it.",
  SIGN_UP_CLOSED: "Ask the site's staff for an account.",
  SIGN_UP_DOMAIN: "Sign up with an address of the site's own organisation, or ask its staff for an invitation.",
  AUTH_PASSWORD_WRONG: 'Send `currentPassword` too. Who has forgotten it sets a new one by `POST /v1/auth/forgot-password`.',
  LAST_OWNER: 'Give the role `owner` to somebody else first.',
  CHALLENGE_INVALID: 'Start over: a link and a code are good once, for the time their mail says, and a code for five tries.',
  PASSWORD_WEAK:
    'Choose another. `issues` has one `reason`: `short`, `long`, `personal` (name, address, site), `common` or `breached`. Links and codes are not used up.',
  CAPTCHA_REQUIRED: "Show the site's captcha, and send what its script makes in the field `captcha`.",
  CAPTCHA_INVALID: 'Have a new captcha solved: a token is good once, for a few minutes, on a page of this site.',
  CAPTCHA_UNAVAILABLE:
    "Try again after Retry-After. If it stays, the provider is away or does not take the site's secret: the log line of the `requestId` says which.",
  MEMBER_UNKNOWN: '`GET /v1/members` lists them. An id of another site is as unknown as one that nobody has.',
  MEMBER_EXISTS: 'Find the member with `GET /v1/members?search=` and give the role there.',
  MEMBER_BEYOND_OWN: 'Ask somebody who holds every permission that this member has, such as an owner.',
  ROLE_UNKNOWN: '`GET /v1/roles` lists them.',
  ROLE_EXISTS: 'Choose another slug; those of the roles that every site has are taken everywhere.',
  ROLE_BEYOND_OWN: 'Nobody grants what they do not hold. `GET /v1/permissions` says which permissions are yours.',
  ROLE_BUILT_IN: 'Make a role of your own with `POST /v1/roles`.',
  ROLE_IN_USE: 'Read `issues` for how many; give those members another role and revoke those invitations first.',
  ROLE_LIMIT: 'Remove a role that nobody has: fifty of its own is what a site can have.',
  INVITATION_UNKNOWN: '`GET /v1/invitations?status=open` lists them. One that was accepted or revoked is over: invite anew.',
  API_KEY_UNKNOWN: '`GET /v1/api-keys` lists them.',
  API_KEYS_FULL: 'Revoke one that is not needed: a hundred at a time can be live.',
  OPERATOR_ENTRY_INVALID: 'Make a new one on the console and open it within a minute, on the host it names.',
  SITE_UNKNOWN: '`GET /v1/sites` on the console lists them by slug.',
  SITE_MEMBER_UNKNOWN: 'Check the address; a member who was deactivated cannot be acted for.',
  MAIL_ACCOUNT_REFUSED: 'Read `issues`: it says in one sentence what the mail server or its name was refused for. Nothing was changed.',
  MAIL_ACCOUNT_MISSING: 'Set the mail account with `PUT /v1/mail-account`, or allow the fallback to the platform’s.',
  MAIL_SEND_FAILED: 'Read `issues` for the reason in one sentence, and check the mail account.',
  MAIL_TEMPLATE_INVALID: 'Read `issues`: each has the place and what is wrong there. The template of before still holds.',
  MAIL_TEMPLATE_UNKNOWN: '`GET /v1/mail/templates` lists every kind and language.',
  MAIL_MESSAGE_UNKNOWN: '`GET /v1/mail/messages` lists what this site sent.',
  MAIL_MESSAGE_NOT_DEAD: 'Wait: a queued mail is tried again by itself. What was sent or has expired is not sent again.',
  MAIL_DOMAIN_UNKNOWN: '`GET /v1/mail/domains` lists them; `PUT /v1/mail/domains/{domain}` makes a key.',
  MAIL_SUPPRESSION_UNKNOWN: '`GET /v1/mail/suppressions` lists them.',
  MAIL_REPORT_REFUSED: 'Send the token that `POST /v1/mail-account/report-token` gave as bearer token, or check the secret of the webhook.',
  INBOX_ELSEWHERE:
    'Open `http://inbox.localhost` on the machine that runs the demo, and not by way of a proxy: mails hold links that reset passwords.',
  FORM_UNKNOWN: 'Check the name: a form is a collection with `form` set.',
  COLLECTION_UNKNOWN: '`GET /v1/collections` lists what everybody may read.',
  ENTRY_UNKNOWN: 'The entry does not exist, is not published, or belongs to another collection.',
  BRAND_FILE_UNKNOWN: 'Take addresses from `GET /v1/site`, or a stable one such as `/theme.css` or `/favicon.ico`.',
  BRAND_ASSET_UNKNOWN: '`GET /v1/brand/assets` lists what there is.',
  BRAND_ASSET_IN_USE: 'Take it out of the draft first. What a published brand shows stays as long as one can return to it.',
  BRAND_ASSETS_FULL: 'Remove some that no brand uses (`DELETE /v1/brand/assets/{asset}`), or wait: after a week they go by themselves.',
  BRAND_DRAFT_CHANGED: 'Read the draft again, bring your changes into it, and send it with its `revision`.',
  BRAND_DRAFT_MISSING: 'Save a draft first (`PUT /v1/brand/draft`).',
  BRAND_PUBLICATION_UNKNOWN: '`GET /v1/brand/publications` lists those that one can return to: the last 50.',
  FONT_REFUSED: 'Convert the font to WOFF2 (most font tools do), and see that you may use it on the web.',
  FILE_MISSING: 'Send multipart/form-data with the file in the field `file`: `curl -F file=@logo.png …`.',
  FILE_TOO_LARGE: 'Send a smaller file. `/docs` says how large it may be; large media go in parts.',
  IMAGE_REFUSED: '`issues` says what is wrong with it. Export it again as PNG, JPEG or WebP of at most 4096 × 4096 pixels.',
  UPLOAD_MALFORMED: 'Let the client build the multipart body: it needs its final boundary, and only the fields that `/docs` names.',
  UPLOAD_PARTS: 'Send one file, and only the fields that `/docs` names.',
  UPLOAD_BROKEN_OFF: 'Send it again: nothing of it was kept. Uploads in parts can go on where they broke off.',
  UPLOAD_MISMATCH: 'Ask which parts have come, send those that are missing or of another size again, then complete.',
  UPLOAD_UNKNOWN: 'Begin a new upload. One that is completed, aborted or a day old is over.',
  MEDIA_UNKNOWN: '`GET /v1/media` lists them. An id of another site is as unknown as one that nobody has, and so is a private file to strangers.',
  MEDIA_TYPE_REFUSED: '`issues` lists what is taken. A file is what its first bytes say, not what it is called.',
  MEDIA_QUOTA: 'Remove files that are not needed: `GET /v1/media/usage` says how much there is. Operators: MEDIA_QUOTA_MB.',
  MEDIA_IN_USE: '`issues` says by which entries. Take it out of them first.',
  MEDIA_NOT_READY: 'Wait until `status` is `ready`. Where it is `refused`, `reason` says why: send another file.',
  LENGTH_REQUIRED: 'Send Content-Length: every browser does, and `curl -F file=@photo.jpg`.',
  STORAGE_UNAVAILABLE: 'Try again after the seconds in Retry-After. Operators: `tenantry storage check` says what is wrong.',
  STORAGE_FULL:
    'Operators: make room on the disk, or on that of the temporary folder for what is made of a brand, or raise the quota of the bucket. Nothing of what was sent was kept.',
  RATE_LIMITED: 'Wait as many seconds as Retry-After says. Trying sooner does not help.',
  OVERLOADED: 'Try again after Retry-After. If it stays: more copies, more cores for HASH_CONCURRENCY, or more DATABASE_POOL_MAX.',
  DATABASE_UNAVAILABLE: 'Try again after Retry-After; the service recovers by itself once the database is back. Operators: the log has the cause.',
  NOT_READY: 'Try again after Retry-After. If it stays at start-up, the log says what the service waits for.',
  INTERNAL: 'Report it with the `requestId`: the log line of that id has the cause.',
}

export async function generated(): Promise<Generated[]> {
  return [
    { file: 'README.md', block: 'variables', text: variableTable() },
    { file: '.env.example', text: envExample() },
    { file: 'docs/errors.md', block: 'errors', text: errorTable() },
    { file: 'docs/cli.md', block: 'commands', text: commandList() },
    { file: 'docs/permissions.md', block: 'permissions', text: permissionTable() },
    { file: 'docs/permissions.md', block: 'routes', text: routeTable() },
    { file: 'docs/hosts.md', block: 'host-states', text: stateTable() },
    { file: 'docs/hosts.md', block: 'host-findings', text: findingTable() },
    { file: 'docs/storage.md', block: 'archive-prices', text: priceTable() },
    { file: 'docs/architecture.md', block: 'example-resolver', text: await sourceBlock('docs/examples/office-resolver.ts') },
  ]
}

async function sourceBlock(file: string): Promise<string> {
  return `\`\`\`ts\n// ${file}\n${await readFile(join(root, file), 'utf8')}\`\`\`\n`
}

/** The file as it stands, and as it has to be. */
export async function compareDocument({ file, block, text }: Generated): Promise<{ found: string; wanted: string }> {
  const found = await readFile(join(root, file), 'utf8').catch(() => '')
  return { found, wanted: block ? withBlock(found, block, text) : text }
}

export async function writeDocument(document: Generated): Promise<void> {
  const { wanted } = await compareDocument(document)
  await writeFile(join(root, document.file), wanted)
}

/** Puts `text` between the block's two marks; a document without them cannot be in step. */
export function withBlock(document: string, block: string, text: string): string {
  const [start, end] = [`<!-- generated: ${block} -->`, `<!-- end: ${block} -->`]
  const [from, to] = [document.indexOf(start), document.indexOf(end)]
  if (from === -1 || to < from) return `the document has no block "${start} … ${end}"`
  return `${document.slice(0, from + start.length)}\n${text}${document.slice(to)}`
}

export function variables(): Variable[] {
  return Object.entries(Environment.properties).map(([name, property]) => ({
    name,
    description: String(Reflect.get(property, 'description') ?? ''),
    preset: String(Reflect.get(property, 'default') ?? ''),
  }))
}

function variableTable(): string {
  const rows = variables().map(({ name, description, preset }) => `| \`${name}\` | ${preset === '' ? '' : `\`${preset}\``} | ${cell(description)} |`)
  return `| variable | default | what it is |\n|---|---|---|\n${rows.join('\n')}\n`
}

function envExample(): string {
  const entries = variables().map(({ name, description, preset }) => `${wrap(plain(description))}\n${name}=${preset}\n`)
  return `# Every variable the service reads, with its default. An empty one counts as not set.\n\n${entries.join('\n')}`
}

function errorTable(): string {
  const rows = Object.entries(errors).map(([code, Problem]) => {
    const { statusCode, message } = new Problem()
    return `| \`${code}\` | ${statusCode} | ${cell(message)} | ${cell(remedies[code as ErrorCode])} |`
  })
  return `| code | status | title | what to do |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

/** Each permission in words, and which of the roles that every site has hold it. */
function permissionTable(): string {
  const roles = [...builtInRoles.filter((role) => role.permissions.length > 0), operatorRole]
  const rows = [...permissions, ...platformPermissions].map((permission) => {
    const held = roles.map((role) => (role.permissions.includes(permission) ? 'yes' : ''))
    return `| \`${permission}\` | ${cell(permissionWords[permission].en)} | ${held.join(' | ')} |`
  })
  const head = `| permission | allows to | ${roles.map(({ slug }) => `\`${slug}\``).join(' | ')} |\n|---|---|${'---|'.repeat(roles.length)}`
  return `${head}\n${rows.join('\n')}\n`
}

function routeTable(): string {
  const rows = Object.entries(access).map(([route, { permission, fresh }]) => {
    const needs = permission ? `\`${permission}\`` : 'nothing: it is about one’s own account'
    return `| \`${route}\` | ${needs} | ${fresh ? 'yes' : ''} | ${permission && !fresh ? 'yes' : ''} |`
  })
  return `| route | permission | fresh proof | API key |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function stateTable(): string {
  const rows = Object.entries(hostStates).map(([state, { means, next }]) => `| \`${state}\` | ${cell(means)} | ${cell(next)} |`)
  return `| state | means | what to do next |\n|---|---|---|\n${rows.join('\n')}\n`
}

function findingTable(): string {
  const rows = Object.entries(hostFindings).map(([key, says]) => `| \`${key}\` | ${cell(says)} |`)
  return `| finding | what it says |\n|---|---|\n${rows.join('\n')}\n`
}

function priceTable(): string {
  const { standard, archive, move, readStandard, readArchive, readArchiveGb } = listPrices
  const rows = [
    ['a GB for a month', standard, archive],
    ['billed at least', '', `${leastBilledSize / 1024} KB, ${leastBilledDays} days`],
    ['moving there', '', `${move} for 1,000 objects`],
    ['reading', `${readStandard} for 1,000`, `${readArchive} for 1,000, and ${readArchiveGb} a GB`],
  ]
  return `| | Standard | Glacier Instant Retrieval |\n|---|---|---|\n${rows.map((row) => `| ${row.join(' | ')} |\n`).join('')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function plain(text: string): string {
  return text.replaceAll('`', '')
}

function wrap(text: string, width = 100): string {
  const lines: string[] = []
  let line = '#'
  for (const word of text.split(' ')) {
    if (line.length + word.length >= width) {
      lines.push(line)
      line = '#'
    }
    line += ` ${word}`
  }
  return [...lines, line].join('\n')
}

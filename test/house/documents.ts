import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Environment } from '../../src/config.ts'
import { type ErrorCode, errors } from '../../src/errors.ts'
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
  BODY_TOO_LARGE: 'Send less: 1 MB at most, 4 KB to the operations of `/v1/auth`.',
  HEADERS_TOO_LARGE: 'Send fewer or shorter headers: 16 kB in all. Cookies are the usual reason.',
  REQUEST_TIMEOUT: 'Send the whole request within 30 seconds; a slow or broken connection is the usual reason.',
  CONTENT_TYPE_UNSUPPORTED:
    'Set Content-Type to `application/json`, or leave it out when there is no body. `/docs` shows the few operations that take another.',
  CURSOR_INVALID: 'Pass `next` of the page before, unchanged, to the same list of the same site; or start over without `after`.',
  ROUTE_UNKNOWN: 'Check method and path against `/docs`.',
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
  SIGN_UP_CLOSED: "Ask the site's staff for an account.",
  CHALLENGE_INVALID: 'Start over: a link and a code are good once, for the time their mail says, and a code for five tries.',
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

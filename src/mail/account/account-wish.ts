import { type Static, Type } from 'typebox'
import { problem } from '../../errors.ts'
import { emailKey } from '../../security/email-address.ts'
import { type AccountRow, providerNames, securities } from './account.ts'

/** What a site's staff want of their mail account. */
export const AccountWish = Type.Object(
  {
    provider: Type.Enum([...providerNames], { type: 'string', description: '`none` forgets server, user and secret' }),
    host: Type.Optional(Type.String({ maxLength: 253, description: 'For `smtp`: the name of the server' })),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535, description: 'For `smtp`: 465, 587 or 2525' })),
    security: Type.Optional(
      Type.Enum([...securities], {
        type: 'string',
        description: 'For `smtp`: `tls` on 465, `starttls` on 587. `none` for hosts the operator allows',
      }),
    ),
    username: Type.Optional(Type.String({ maxLength: 320, description: 'For `smtp`: empty or left out where nobody signs in' })),
    secret: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_024,
        description: 'Password or API key. Left out: stays as it is, as long as provider, host, port, security and user do too',
      }),
    ),
    sender: Type.Optional(
      Type.Object(
        { name: Type.String({ maxLength: 100 }), address: Type.String({ maxLength: 254 }) },
        { additionalProperties: false, description: 'Needed once, unless the provider is `none`. Left out: stays' },
      ),
    ),
    replyTo: Type.Optional(Type.String({ maxLength: 254, description: 'Empty: answers go to the sender. Left out: stays' })),
    fallback: Type.Optional(Type.Boolean({ description: "Whether the platform's account may stand in. Left out: stays" })),
    dailyCap: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Mails a day (UTC). Left out: stays' })),
  },
  { additionalProperties: false },
)
export type AccountWish = Static<typeof AccountWish>

/** The row's columns, the secret in clear. */
export interface WantedAccount {
  provider: (typeof providerNames)[number]
  host: string
  port: number
  security: (typeof securities)[number]
  username: string
  /** `kept`: the stored one stays. Undefined: none is needed. */
  secret: { given: string } | 'kept' | undefined
  senderName: string
  senderAddress: string
  replyTo: string
  fallback: boolean
  dailyCap: number
}

type Issues = { path: string; message: string }[]

/** Controls, what does not show, and what addresses are made of: quotes, brackets, lists and groups. */
const unfitForName = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}<>"\\,;:@]/u
const control = /\p{Cc}/u
const plainKey = /^[\x21-\x7e]+$/

/** 400 with everything that is wrong at once. */
export function readWish(wish: AccountWish, stored: AccountRow | null): WantedAccount {
  const issues: Issues = []
  const { provider, username = '' } = wish
  const server = serverOf(wish, issues)
  const wanted: WantedAccount = {
    provider,
    ...server,
    secret: undefined,
    senderName: nameOf(wish, stored, issues),
    senderAddress: addressOf(wish, stored, issues),
    replyTo: replyToOf(wish, stored, issues),
    fallback: wish.fallback ?? stored?.fallback ?? true,
    dailyCap: wish.dailyCap ?? stored?.dailyCap ?? 1_000,
  }
  if (provider === 'resend' || (provider === 'smtp' && username !== '')) wanted.secret = secretOf(wish, { wanted, stored }, issues)
  if (issues.length > 0) throw problem('REQUEST_INVALID', { issues })
  return wanted
}

function serverOf({ provider, host = '', port = 0, security = 'tls', username = '' }: AccountWish, issues: Issues) {
  if (provider !== 'smtp') return { host: '', port: 0, security: 'tls' as const, username: '' }
  if (host === '') issues.push({ path: '/host', message: 'is needed for smtp' })
  if (port === 0) issues.push({ path: '/port', message: 'is needed for smtp' })
  if (control.test(username)) issues.push({ path: '/username', message: 'must hold no control characters' })
  return { host: host.toLowerCase(), port, security, username }
}

function nameOf({ sender }: AccountWish, stored: AccountRow | null, issues: Issues): string {
  const name = (sender?.name ?? stored?.senderName ?? '').trim()
  if (unfitForName.test(name)) {
    issues.push({ path: '/sender/name', message: 'must hold no control characters and none of < > " \\ , ; : @' })
  }
  return name
}

function addressOf({ provider, sender }: AccountWish, stored: AccountRow | null, issues: Issues): string {
  const given = sender?.address ?? stored?.senderAddress ?? ''
  if (given === '' && provider === 'none') return ''
  const address = emailKey(given)
  if (!address) issues.push({ path: '/sender/address', message: 'must be one plain e-mail address' })
  return address ?? ''
}

function replyToOf(wish: AccountWish, stored: AccountRow | null, issues: Issues): string {
  const replyTo = wish.replyTo ?? stored?.replyTo ?? ''
  if (replyTo === '') return ''
  const address = emailKey(replyTo)
  if (!address) issues.push({ path: '/replyTo', message: 'must be one plain e-mail address, or empty' })
  return address ?? ''
}

/** A stored secret goes nowhere but where it went before: else a member could have it sent to a server of their own. */
function secretOf({ secret }: AccountWish, { wanted, stored }: { wanted: WantedAccount; stored: AccountRow | null }, issues: Issues) {
  if (secret !== undefined) {
    const sound = wanted.provider === 'resend' ? plainKey.test(secret) : !control.test(secret)
    if (!sound) issues.push({ path: '/secret', message: 'must hold no control characters' })
    return { given: secret }
  }
  const same = (['provider', 'host', 'port', 'security', 'username'] as const).every((field) => stored?.[field] === wanted[field])
  if (same && stored?.sealedSecret) return 'kept'
  issues.push({ path: '/secret', message: 'is needed, and again whenever provider, host, port, security or user change' })
  return undefined
}

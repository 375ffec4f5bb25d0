import { type Static, type TObject, Type } from 'typebox'

const text = (maxLength: number, description: string) => Type.String({ maxLength, description })
const strict = { additionalProperties: false }
const when = Type.String({
  format: 'date-time',
  maxLength: 30,
  description: 'When it happened; written out in the language and time zone of the site',
})
const name = text(200, 'Name of the member')
const device = text(120, 'Browser and system, in words')
const form = text(200, 'Name of the form')
const host = text(253, 'Name of the host')
const proof = {
  host,
  record_name: text(263, 'Where its TXT record has to stand'),
  record_value: text(100, 'What its TXT record has to say'),
}

export interface MailKindDefinition {
  /** What the flow tells the template. Plain strings, and never a token or a code: the worker makes those. */
  variables: TObject
  /** Page of the site that the mail links to. */
  page?: string
  /** Whether the link, and a code of six digits, carry a secret of the challenge that the mail belongs to. */
  secret?: boolean
  /** The link alone: there is no page where a code could be typed. */
  linkOnly?: boolean
}

/** Every mail a site sends. */
export const mailKinds = {
  // The name is not told: whoever signs up with a stranger's address would write to that stranger.
  'verify-email': { variables: Type.Object({}, strict), page: '/account/verify-email', secret: true },
  'sign-up-again': { variables: Type.Object({}, strict), page: '/account/forgot-password' },
  'sign-in': { variables: Type.Object({}, strict), page: '/account/sign-in-link', secret: true },
  'reset-password': { variables: Type.Object({ name }, strict), page: '/account/reset-password', secret: true },
  'password-changed': { variables: Type.Object({ name, when, device }, strict), page: '/account/forgot-password' },
  'email-change-old': {
    variables: Type.Object({ name, new_address: text(254, 'The new address, partly hidden') }, strict),
    page: '/account/change-email',
    secret: true,
  },
  // No name here either: any member can have it sent to a stranger.
  'email-change-new': { variables: Type.Object({}, strict), page: '/account/confirm-email', secret: true },
  'sign-in-locked': { variables: Type.Object({ name, when }, strict), page: '/account/forgot-password' },
  'factor-changed': {
    variables: Type.Object({ name, change: text(200, 'What was added or removed, as a sentence'), when, device }, strict),
    page: '/account/forgot-password',
  },
  'operator-access': {
    variables: Type.Object(
      { operator: text(200, 'Name of the operator'), member: text(200, 'Name of the member'), reason: text(500, 'Why it was needed'), when },
      strict,
    ),
  },
  'keep-account': { variables: Type.Object({ name, when }, strict), page: '/account/keep-account', secret: true },
  'new-device': { variables: Type.Object({ name, when, device }, strict), page: '/account/forgot-password' },
  'session-reused': { variables: Type.Object({ name, when }, strict), page: '/account/forgot-password' },
  invitation: {
    variables: Type.Object({ inviter: text(200, 'Name of the member who invites'), role: text(100, 'Name of the role') }, strict),
    page: '/account/invitation',
    secret: true,
    linkOnly: true,
  },
  'contact-notice': {
    variables: Type.Object({ form, sender: text(254, 'Address of the writer'), message: text(8_000, 'What was written, field by field') }, strict),
  },
  // What was written is not repeated: the form would send anybody's words to anybody.
  'contact-acknowledgement': { variables: Type.Object({ form }, strict) },
  'backup-overdue': { variables: Type.Object({ last: text(40, 'Name of the newest verified backup; empty where there is none') }, strict) },
  // Written by the database itself, with the look that found it: see tell_owners_of_host.
  'host-failing': { variables: Type.Object(proof, strict) },
  'host-released': { variables: Type.Object({ ...proof, elsewhere: text(3, 'Not empty where another site has proven the host') }, strict) },
  test: { variables: Type.Object({ requested_by: text(254, 'Address of the member who asked for it') }, strict) },
} as const satisfies Record<string, MailKindDefinition>

export type MailKind = keyof typeof mailKinds
export type MailVariables<Kind extends MailKind = MailKind> = Static<(typeof mailKinds)[Kind]['variables']>

/** What a mail of the kind is of no use without. */
export function secretsOf(kind: MailKind): ('link' | 'code')[] {
  const { secret, linkOnly }: MailKindDefinition = mailKinds[kind]
  if (!secret) return []
  return linkOnly ? ['link'] : ['link', 'code']
}

export function isMailKind(kind: string): kind is MailKind {
  return Object.hasOwn(mailKinds, kind)
}

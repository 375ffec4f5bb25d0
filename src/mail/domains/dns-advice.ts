import { type Static, Type } from 'typebox'

const State = Type.Enum(['ok', 'missing', 'wrong', 'weak', 'unreachable'], { type: 'string' })
const Key = Type.String({ maxLength: 40, description: 'Stable: for translations' })
const Advice = Type.String({ maxLength: 400 })

export const Finding = Type.Object(
  {
    state: State,
    key: Key,
    advice: Advice,
    found: Type.Optional(Type.String({ maxLength: 600, description: 'What was found there' })),
    notes: Type.Array(Type.Object({ key: Key, advice: Advice }, { additionalProperties: false }), { maxItems: 10 }),
  },
  { additionalProperties: false },
)
export type Finding = Static<typeof Finding>
export type FindingState = Finding['state']

interface Advised {
  state: FindingState
  says: string
}

const one = (state: FindingState, says: string): Advised => ({ state, says })

/** All that a check can find, in plain sentences. A key is stable once released. */
const findings = {
  'dkim-ok': one('ok', 'The signing key is published. Mails from this domain are signed.'),
  'dkim-missing': one('missing', 'The DKIM record is not there yet. Set it as shown; it can take some hours until it is seen everywhere.'),
  'dkim-name-doubled': one(
    'missing',
    'The DKIM record was set under a name that has the domain twice. Your DNS panel adds the domain itself: enter the name without it.',
  ),
  'dkim-several': one('wrong', 'There are several DKIM records under this name, so none counts. Keep the one that is shown here.'),
  'dkim-revoked': one('wrong', 'The DKIM record is there but its key is empty, which means revoked. Set the value as shown.'),
  'dkim-other-key': one('wrong', 'The DKIM record has another key than ours, or only a part of it. Copy the whole value as shown.'),
  'dkim-invalid': one('wrong', 'The DKIM record cannot be read, or does not allow what we sign with. Set the value exactly as shown.'),
  'dkim-unreachable': one('unreachable', 'The DNS servers of this domain did not answer for the DKIM record. Check again in some minutes.'),

  'spf-ok': one('ok', 'The SPF record is sound.'),
  'spf-missing': one('missing', 'There is no SPF record. Set one as shown, or mails may be taken for forged.'),
  'spf-several': one('wrong', 'There are several SPF records, so none counts. Join them into one.'),
  'spf-invalid': one('wrong', 'The SPF record has a part that cannot be read, so all of it is void.'),
  'spf-include-broken': one('wrong', 'The SPF record includes a domain that has no SPF record, or several, so all of it is void. Remove that part.'),
  'spf-too-many-lookups': one('wrong', 'The SPF record needs more than 10 look-ups, so it is void. Remove services that you no longer send with.'),
  'spf-void-lookups': one('wrong', 'More than two names in the SPF record do not exist, so it is void. Remove them.'),
  'spf-anybody': one('wrong', 'The SPF record ends in +all: it allows everybody to send in your name. End it in ~all or -all.'),
  'spf-neutral': one('weak', 'The SPF record does not say what about other servers. End it in ~all or -all.'),
  'spf-not-covered': one('weak', 'The SPF record does not seem to allow your mail server. Add the part that is shown, before the last one.'),
  'spf-unreachable': one('unreachable', 'The DNS servers asked for the SPF record did not answer. Check again in some minutes.'),

  'dmarc-ok': one('ok', 'The DMARC record protects the domain.'),
  'dmarc-missing': one('missing', 'There is no DMARC record. Large mailbox providers ask for one; set it as shown.'),
  'dmarc-several': one('wrong', 'There are several DMARC records, so none counts. Keep one.'),
  'dmarc-invalid': one('wrong', 'The DMARC record cannot be read: it begins with v=DMARC1; p= and none, quarantine or reject.'),
  'dmarc-watching': one(
    'weak',
    'DMARC only watches (p=none): right for the first weeks. Once the reports show that your mails pass, set p=quarantine, and later p=reject.',
  ),
  'dmarc-unreachable': one('unreachable', 'The DNS servers of this domain did not answer for the DMARC record. Check again in some minutes.'),

  'sender-ok': one('ok', 'The mail account sends from this domain.'),
  'sender-subdomain': one(
    'ok',
    'The mail account sends from a name below this domain; it is signed for this domain, which counts for DMARC unless it is strict.',
  ),
  'sender-elsewhere': one('wrong', "The mail account sends from another domain, so this domain's records do nothing for its mails."),
  'sender-none': one('missing', 'This site has no mail account of its own, so its mails come from the platform’s address and not from this domain.'),
} as const satisfies Record<string, Advised>

const notes = {
  'spf-ptr': 'The SPF record uses ptr, which is outdated and slow. Remove it.',
  'spf-resend': 'Resend uses a return address of its own: for it, set the records that its dashboard shows. This record is for your other mail.',
  'dmarc-inherited': 'The record of the domain above counts for this one too.',
  'dmarc-no-reports': 'Nobody is told about mails that fail. Add rua=mailto: and the address of a mailbox that is read.',
  'dmarc-strict': 'The record asks for strict alignment: only mails from exactly this domain pass, not from names below it.',
  'sender-resend': 'Resend signs with a key of its own: set the records that its dashboard shows. The key here is not used meanwhile.',
} as const

export type FindingKey = keyof typeof findings
export type NoteKey = keyof typeof notes

export function finding(key: FindingKey, { found, notes: about = [] }: { found?: string | undefined; notes?: readonly NoteKey[] } = {}): Finding {
  const { state, says } = findings[key]
  return {
    state,
    key,
    advice: says,
    ...(found === undefined ? {} : { found: shown(found) }),
    notes: about.map((note) => ({ key: note, advice: notes[note] })),
  }
}

/** Whoever owns a domain writes what they like into its records: printable ASCII only, and not all of it. */
function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500)
}

/** A table whose rows go into an archive. */
export interface Carried {
  /** SQL: those rows alone. */
  only?: string
  /** Columns that are null in the archive, because what they point to stays behind. */
  blank?: readonly string[]
  /** Has to be written after that table for another reason than a foreign key. */
  after?: readonly string[]
}

/** What is a site. A test holds this list and the next one to the database: a new table has to be in one of them. */
export const carriedTables: Readonly<Record<string, Carried>> = {
  api_keys: {},
  audit_events: {},
  auth_policies: {},
  brand_assets: {},
  brand_drafts: {},
  brand_publications: {},
  brands: {},
  collections: {},
  // A trigger finds the media that an entry names: they have to be there.
  entries: { after: ['media'] },
  invitations: {},
  known_devices: {},
  mail_accounts: {},
  mail_domains: {},
  // What waits is sent by the hub that it waits in: with the row it would be sent twice.
  mail_messages: { only: "status <> 'queued'", blank: ['challenge_id'] },
  mail_suppressions: {},
  mail_templates: {},
  media: { only: "status <> 'uploading'" },
  member_roles: {},
  members: {},
  passkeys: {},
  passwords: {},
  recovery_codes: {},
  roles: {},
  signing_keys: {},
  sites: {},
  totp_factors: {},
}

/** What stays, and why. */
export const leftBehind: Readonly<Record<string, string>> = {
  email_challenges: 'their secrets are derived from the keys of the hub that mailed them',
  email_changes: 'they wait for challenges, which stay',
  hosts: 'names of the directory: the manifest has them, and the import decides which of them are proven there',
  media_references: 'a trigger makes them of the entries',
  media_uploads: 'what is on its way goes to the storage of the hub that it began at',
  media_usage: 'a trigger counts it',
  operator_entries: 'operators are people of the hub',
  passkey_challenges: 'they are good for minutes',
  pending_sign_ins: 'they are good for minutes',
  sessions: 'refresh tokens are sealed by the keys of the hub: members sign in again',
}

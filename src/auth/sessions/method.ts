/** By what somebody proved who they are. A session holds all that were shown, in their order. */
export const methods = ['password', 'email-code', 'email-link', 'passkey', 'totp', 'recovery-code', 'invitation', 'operator'] as const
export type Method = (typeof methods)[number]

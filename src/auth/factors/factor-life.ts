/** Seconds until something that was begun has to be begun anew. */
export const totpSetupLife = 600
export const passkeyChallengeLife = 300

/** More than a person has of a kind: an account is no store. */
export const mostTotpFactors = 5
export const mostPasskeys = 20

/** Seconds. What they are held against stands in DEFAULTS. */
export const accessTokenLife = 600
/** Shares of a life by which each token's differs, so that a crowd that signed in together does not refresh together. */
export const accessTokenJitter = 0.05
export const refreshIdleLife = 14 * 86_400
export const refreshAbsoluteLife = 90 * 86_400
/** How long the loser of a refresh race gets the same successor. */
export const refreshRaceWindow = 20
/** How long after a proof of who they are a member may do what is sensitive. */
export const freshProofLife = 600
/** An operator who acts as a member: until the way in is void, and how long the session lasts. It is not continued. */
export const operatorEntryLife = 60
export const operatorSessionLife = 1_800
/** How long a retired signing key stays published: its last token's life and a day. */
export const retiredKeyLife = accessTokenLife * (1 + accessTokenJitter) + 86_400
/** How long the link of a sign-up is good, and that of a new password. */
export const signUpLife = 86_400
export const resetLife = 1_800

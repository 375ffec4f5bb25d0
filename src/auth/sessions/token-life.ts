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
/** How long whoever verifies tokens may keep a JWKS. */
export const keySetMaxAge = 300
/** How long a new signing key is published before it signs. More than copies of the service, proxies and libraries (jose: ten minutes) keep a key set. */
export const keyOverlap = 900
/** How long a signing key signs before the schedule makes the next one. */
export const signingKeyLife = 90 * 86_400
/** How long the session lasts of an operator who acts as a member. It is not continued. */
export const operatorSessionLife = 1_800
/** How long a retired signing key stays published: its last token's life and a day. */
export const retiredKeyLife = accessTokenLife * (1 + accessTokenJitter) + 86_400
/** How long the link of a sign-up is good, that of a new password, and that of a sign-in. */
export const signUpLife = 86_400
export const resetLife = 1_800
/** How long somebody who has shown the first factor has for the second. */
export const pendingSignInLife = 600
export const mailedSignInLife = 600
/** Of a change of address: to confirm it at the new one, and to confirm, keep or get back the old one. */
export const emailChangeNewLife = 86_400
export const emailChangeOldLife = 3 * 86_400
/** How long an account that is to be erased can be kept all the same. */
export const erasureGrace = 14 * 86_400
export const invitationLife = 72 * 3_600

/** All that a look at a host can find, in plain sentences with what to do. A key is stable once released; docs/hosts.md shows this table. */
export const hostFindings = {
  'all-well': 'The proof is there, and the host leads here.',
  'proof-missing': 'There is no TXT record under the name that is shown. Set it; it can take some hours until it is seen everywhere.',
  'proof-other': 'There is a TXT record under the name that is shown, with another value. Copy the whole value as shown.',
  'proof-name-doubled':
    'The TXT record was set under a name that has the domain twice. The DNS panel adds the domain itself: enter the name without it.',
  'proof-at-host': 'The TXT record was set at the host itself. Its name begins with _tenantry.',
  'proof-unreachable': 'The DNS servers of the domain did not answer for the TXT record. Check again in some minutes; then ask who runs them.',
  'proof-unasked': 'Served by the word of an operator. Set the TXT record that is shown to have it proven; nothing is lost without.',
  'proof-held':
    'The proof is there, but another site holds the host. Remove the TXT record of that site, or have its operators remove the host there.',
  'points-elsewhere': 'The host leads elsewhere. Change its CNAME, A and AAAA records to what is shown.',
  'points-nowhere': 'The host leads nowhere. Set the CNAME record that is shown, or A and AAAA.',
  'points-partly': 'Some addresses of the host are not ours, so some visitors end up elsewhere. Remove those.',
  'points-in-circles': 'The CNAME records of the host lead in a circle, or on and on. Have it lead straight to what is shown.',
  'points-unreachable': 'The DNS servers of the domain did not answer for its addresses. Check again in some minutes; then ask who runs them.',
} as const

export type HostFinding = keyof typeof hostFindings

export function isHostFinding(key: string | null): key is HostFinding {
  return key !== null && Object.hasOwn(hostFindings, key)
}

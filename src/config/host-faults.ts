import { isIP } from 'node:net'

export interface HostVariables {
  PORT: number
  HOST_TARGETS: string
  TLS_ASK_PORT: number
  DNS_SERVERS: string
}

/** What a pattern cannot tell. */
export function hostFaults({ PORT, HOST_TARGETS, TLS_ASK_PORT, DNS_SERVERS }: HostVariables): string[] {
  const faults: string[] = []
  if (!list(HOST_TARGETS).every(isTarget))
    faults.push('HOST_TARGETS must hold whole names, such as sites.hub.example or *.up.railway.app, and addresses')
  if (!list(DNS_SERVERS).every(isServer)) faults.push('DNS_SERVERS must hold addresses, such as 9.9.9.9 or [2620:fe::fe]:53')
  if (TLS_ASK_PORT !== 0 && TLS_ASK_PORT === PORT) faults.push('TLS_ASK_PORT must be another than PORT: what it answers is not for the public')
  return faults
}

function list(value: string): string[] {
  return value.split(',').filter(Boolean)
}

/** The last label of a name begins with a letter: an address with a slip in it is no name. */
function isTarget(target: string): boolean {
  return isIP(target) > 0 || /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/.test(target)
}

function isServer(server: string): boolean {
  const [, bracketed, plain] = /^\[([^\]]+)\](?::\d{1,5})?$|^([^:]+)(?::\d{1,5})?$/.exec(server) ?? []
  return isIP(bracketed ?? plain ?? server) > 0
}

import type { Config } from '../../config.ts'
import type { Database } from '../../db/client.ts'
import type { ChallengeMint } from '../../security/challenge-secrets.ts'
import type { SecretBox } from '../../security/secret-box.ts'
import type { ProviderPool } from '../providers/provider-pool.ts'

export interface DeliveryTools {
  database: Database
  publicOrigin: Config['publicOrigin']
  secretBox: SecretBox
  challengeMint: ChallengeMint
  providers: ProviderPool
  /** What went wrong, for the operators: ids and our own words, never an address or the server's text. */
  onTrouble: (trouble: { tenantId: string; mailId?: string; reason: string }, cause: unknown) => void
}

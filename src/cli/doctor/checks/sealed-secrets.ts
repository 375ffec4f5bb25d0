import { checkSeals } from '../../../platform/reseal-secrets.ts'
import { createSecretBox } from '../../../security/secret-box.ts'
import { type Check, ok, problem, some } from '../check.ts'

export const sealedSecrets: Check = {
  name: 'sealed secrets',
  asksDatabase: true,
  async run({ config, database }) {
    if (config.secretKeys.length === 0)
      return [problem('SECRET_KEYS is not set: nothing that is sealed can be opened', 'Set it as the service has it.')]
    const kinds = await checkSeals(database(), createSecretBox(config.secretKeys))
    const unopened = kinds.flatMap((kind) => kind.unopened)
    if (unopened.length > 0) {
      return [problem(`no key opens ${some(unopened, 3)}`, 'Give SECRET_KEYS the key back that sealed it, or have the secret entered anew.')]
    }
    const [current, older] = [sum(kinds.map((kind) => kind.current)), sum(kinds.map((kind) => kind.resealed))]
    const rest = older > 0 ? `, ${older} of them by an older key: "tenantry secrets reseal" frees it` : ''
    return [ok(`SECRET_KEYS open all ${current + older} values${rest}`)]
  },
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

import { openSigningKey } from '../../../auth/keys/signing-keys.ts'
import { signingKeyLife } from '../../../auth/sessions/token-life.ts'
import { createSecretBox, type SecretBox } from '../../../security/secret-box.ts'
import { type Check, ok, type Patient, problem, type Remark, some, warning } from '../check.ts'
import { overSites } from '../over-sites.ts'

/** The schedule looks once a day; two more are no reason to worry. Seconds. */
const tolerance = 2 * 86_400

type Fault = 'missing' | 'unreadable' | 'overdue'

export const signingKeys: Check = {
  name: 'signing keys',
  asksDatabase: true,
  async run(patient) {
    const { directory } = patient.database()
    if (patient.config.secretKeys.length === 0) return [problem('SECRET_KEYS is not set: nothing can be signed', 'Set it as the service has it.')]
    const box = createSecretBox(patient.config.secretKeys)
    const tenants = await directory.tenant.findMany({
      where: { status: { not: 'deleted' } },
      select: { id: true, slug: true },
      orderBy: { slug: 'asc' },
    })
    const faults: Record<Fault, string[]> = { missing: [], unreadable: [], overdue: [] }
    const left = await overSites(tenants, async ({ id, slug }) => {
      const fault = await faultOf(patient, box, id)
      if (fault) faults[fault].push(slug)
    })
    const remarks = [...judge(faults), ...left]
    return remarks.length > 0 ? remarks : [ok(`every one of ${tenants.length} sites can sign`)]
  },
}

async function faultOf({ database, now }: Patient, box: SecretBox, tenantId: string): Promise<Fault | undefined> {
  const current = await database()
    .forTenant(tenantId)
    .signingKey.findFirst({ where: { activatesAt: { lte: new Date(now()) } }, orderBy: { activatesAt: 'desc' } })
  if (!current) return 'missing'
  if (!opens(box, current)) return 'unreadable'
  return now() - current.activatesAt.getTime() > (signingKeyLife + tolerance) * 1000 ? 'overdue' : undefined
}

function opens(box: SecretBox, key: Parameters<typeof openSigningKey>[1]): boolean {
  try {
    return Boolean(openSigningKey(box, key))
  } catch {
    return false
  }
}

function judge({ missing, unreadable, overdue }: Record<Fault, string[]>): Remark[] {
  return [
    ...(missing.length > 0 ? [problem(`no key signs for ${some(missing)}`, '"tenantry keys rotate <slug>" makes one.')] : []),
    ...(unreadable.length > 0
      ? [
          problem(
            `SECRET_KEYS do not open the key of ${some(unreadable)}: nobody signs in there`,
            'Give SECRET_KEYS the key back that sealed it. Where it is lost: "tenantry keys rotate <slug> --now --unreadable".',
          ),
        ]
      : []),
    ...(overdue.length > 0
      ? [warning(`the key is overdue at ${some(overdue)}`, 'A job worker exchanges them daily: see that one runs, or "tenantry keys rotate --all".')]
      : []),
  ]
}

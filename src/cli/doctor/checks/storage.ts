import { checkBucket } from '../../../storage/check-bucket.ts'
import { probeStorage } from '../../../storage/probe-storage.ts'
import { withRemedy, withStorage } from '../../storage/with-storage.ts'
import { type Check, ok, problem, type Remark, some, warning } from '../check.ts'

export const storage: Check = {
  name: 'storage',
  async *run({ config }) {
    const where = config.storage.driver === 's3' ? `the bucket ${config.storage.bucket}` : config.storage.dir
    try {
      await withStorage(config.storage, probeStorage)
    } catch (error) {
      yield problem(`${where}: ${error instanceof Error ? error.message : String(error)}`, '"tenantry storage check" tries it again.')
      return
    }
    yield ok(`${where}: files are written, read and removed`)
    if (config.storage.driver === 's3') yield* await bucketRemarks(config.storage)
  },
}

async function bucketRemarks(settings: Parameters<typeof checkBucket>[0]): Promise<Remark[]> {
  const findings = await withRemedy(() => checkBucket(settings))
  const named = (outcome: string) => findings.filter((finding) => finding.outcome === outcome).map(({ name }) => name)
  const [lacking, refused] = [named('lacks'), named('refused')]
  return [
    ...(lacking.length > 0 ? [warning(`the bucket lacks ${some(lacking)}`, '"tenantry storage apply" sets that, by a login that may.')] : []),
    ...(refused.length > 0 ? [warning(`its role may not look at ${some(refused)}`, 'docs/storage.md lists what the role needs.')] : []),
  ]
}

import { platforms } from '../../../config/production-faults.ts'
import { type Check, ok, type Patient, problem, type Remark, warning } from '../check.ts'

/** What loadConfig refuses, and what it takes but nobody should want. */
export const variables: Check = {
  name: 'variables',
  async run(patient) {
    const faults = patient.faults.map((fault) => problem(fault, 'Set it as the table of variables in README.md says.'))
    const risks = risky(patient)
    return faults.length + risks.length > 0 ? [...faults, ...risks] : [ok('every variable can be used')]
  },
}

function risky({ env, config }: Patient): Remark[] {
  const { tenancy, trustProxy, database, log, storage } = config
  const hosted = Object.keys(platforms).some((name) => env[name])
  const unset = env.NODE_ENV !== 'production'
  return [
    ...(hosted && unset
      ? [problem('NODE_ENV is not production on a hosting platform', 'Set NODE_ENV=production: it refuses what only development gets by with.')]
      : []),
    ...(tenancy.headerTrusted
      ? [
          warning(
            'TENANT_HEADER is on: whoever reaches the service names any tenant',
            'Keep it so only behind a gateway that sets X-Tenant-ID itself.',
          ),
        ]
      : []),
    ...(config.production && trustProxy.length === 0
      ? [
          warning(
            'TRUST_PROXY is none in production, while the service itself speaks no TLS',
            'Name the proxy that ends TLS, or everybody shares its limits.',
          ),
        ]
      : []),
    ...(database.poolMode === 'transaction' && database.unpooledUrl === database.url
      ? [
          problem(
            'DATABASE_UNPOOLED_URL is the pooled address too',
            'Name the database itself: migrations and notifications do not pass such a pooler.',
          ),
        ]
      : []),
    ...(config.production && storage.driver === 's3' && storage.endpoint.startsWith('http:')
      ? [warning('S3_ENDPOINT is one without TLS', 'Use https:// unless the bucket server is on a network of your own.')]
      : []),
    ...(log.level === 'silent' ? [warning('LOG_LEVEL is silent: nothing tells of failures', 'Set LOG_LEVEL=info.')] : []),
  ]
}

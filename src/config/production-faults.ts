export interface ProductionVariables {
  DATABASE_URL: string
  DATABASE_UNPOOLED_URL: string
  DATABASE_OWNER_URL: string
  SECRET_KEYS: string
  PUBLIC_SCHEME: string
  STORAGE_DIR: string
  S3_BUCKET: string
}

const commonPasswords = new Set(['postgres', 'password', 'admin', 'root', 'secret', 'changeme', 'example', 'tenantry', '123456', '12345678'])

/** What hosting platforms say of themselves; behind each is a proxy of theirs. Kubernetes is none of them: a shell or a test in a pod has no proxy. */
export const platforms = {
  RAILWAY_PROJECT_ID: 'Railway',
  RENDER: 'Render',
  FLY_APP_NAME: 'Fly.io',
  DYNO: 'Heroku',
  K_SERVICE: 'Cloud Run',
  WEBSITE_SITE_NAME: 'Azure App Service',
}

/** What development gets by with. */
export function productionFaults(env: ProductionVariables): string[] {
  const faults: string[] = []
  if (!env.DATABASE_URL) faults.push('DATABASE_URL must be set in production: the embedded PostgreSQL is for development')
  if (!env.SECRET_KEYS) faults.push('SECRET_KEYS must be set in production, such as 2026a:$(openssl rand -base64 32)')
  if (!env.S3_BUCKET && !env.STORAGE_DIR) faults.push('S3_BUCKET must be set in production, or STORAGE_DIR where a folder outlives deployments')
  if (env.PUBLIC_SCHEME !== 'https') faults.push('PUBLIC_SCHEME must be https in production')
  for (const name of ['DATABASE_URL', 'DATABASE_UNPOOLED_URL', 'DATABASE_OWNER_URL'] as const) {
    if (commonPasswords.has(databasePassword(env[name]).toLowerCase())) faults.push(`${name} must not use a well-known password in production`)
  }
  return faults
}

/** Without it everybody would share the proxy's address, and with it the limits. In production there is one always: sites are https, and we speak http. */
export function proxyFaults({ NODE_ENV, TRUST_PROXY }: { NODE_ENV: string; TRUST_PROXY: string }, env: Record<string, string | undefined>): string[] {
  const [, platform] = Object.entries(platforms).find(([name]) => env[name]) ?? []
  if (TRUST_PROXY || (NODE_ENV !== 'production' && !platform)) return []
  return [
    `TRUST_PROXY must be set ${platform ? `on ${platform}` : 'in production'}: name the proxies in front, such as 10.0.0.0/8, or none where clients really connect directly`,
  ]
}

function databasePassword(url: string): string {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).password) : ''
}

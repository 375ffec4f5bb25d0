import { defineConfig } from 'prisma/config'

/** For Prisma's own command line: `prisma generate`, `prisma migrate deploy`. The service itself reads src/config.ts. */
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_UNPOOLED_URL ?? process.env.DATABASE_URL ?? '' },
})

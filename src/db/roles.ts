/** The database roles that prisma/migrations makes. None can log in: a login takes one on. */
export const appRole = 'tenantry_app'
export const ownerRole = 'tenantry_owner'
/** Owns the queue of graphile-worker; the worker runs as it. */
export const jobsRole = 'tenantry_jobs'
/** Reads everything, for dumps. */
export const backupRole = 'tenantry_backup'

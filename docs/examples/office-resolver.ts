import type { ResolverFactory } from '../../src/tenancy/resolvers/resolver.ts'

/** A gateway of ours checks client certificates, and puts the number of the client's office into a header that it takes off all else. */
const byOffice: ResolverFactory = () => ({
  name: 'office',
  locate({ headers }) {
    const office = headers['x-client-office']
    if (typeof office !== 'string' || !/^\d{1,6}$/.test(office)) return undefined
    return { slug: `office-${office}` }
  },
})

export default byOffice

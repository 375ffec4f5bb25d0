import { password, type TestApp, type TestSite } from '../app.ts'

/** Of the site's owner. Asserts nothing, so that it may come before the first test of a file. */
export async function accessToken({ call }: Pick<TestApp, 'call'>, site: TestSite): Promise<string> {
  const answer = await call(site, { method: 'POST', url: '/v1/auth/sign-in', payload: { email: site.owner.email, password } })
  return answer.json().accessToken
}

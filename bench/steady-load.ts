import http from 'node:http'

export interface LoadTotals {
  requests: number
  signIns: number
  failures: number
  /** Answers of a copy that is short of processor time and says so: not lost, and a matter of the machine. */
  busy: number
  /** Of the first failures, what was asked and what came back. */
  reasons: string[]
  /** Milliseconds. */
  longest: number
}

export interface SteadyLoad {
  /** Starts nothing more, waits for what is under way, and counts. */
  stop(): Promise<LoadTotals>
}

interface LoadOptions {
  port: number
  hosts: readonly string[]
  /** Members of the first host. */
  emails: readonly string[]
  password: string
  perSecond: number
}

const signInEvery = 10

/** Asks on time, whether or not what was asked before has been answered, over connections that are kept: what visitors of many sites do. */
export function startSteadyLoad({ port, hosts, emails, password, perSecond }: LoadOptions): SteadyLoad {
  const agent = new http.Agent({ keepAlive: true })
  const totals: LoadTotals = { requests: 0, signIns: 0, failures: 0, busy: 0, reasons: [], longest: 0 }
  const underWay = new Set<Promise<void>>()
  const ask = async (number: number) => {
    const isSignIn = number % signInEvery === 0
    const started = performance.now()
    const said = isSignIn ? await signIn(number) : await send({ method: 'GET', path: '/v1/site', host: hosts[number % hosts.length] ?? '' })
    totals.requests++
    if (isSignIn) totals.signIns++
    totals.longest = Math.max(totals.longest, performance.now() - started)
    if (said.status === 200) return
    if (said.status === 503 && said.body.includes('OVERLOADED')) {
      totals.busy++
      return
    }
    totals.failures++
    if (totals.reasons.length < 5) totals.reasons.push(`${isSignIn ? 'a sign-in' : 'GET /v1/site'}: ${said.status} ${said.body.slice(0, 120)}`)
  }
  // An address for each, as if they came from everywhere: limits are not what is measured.
  const signIn = (number: number) =>
    send({
      method: 'POST',
      path: '/v1/auth/sign-in',
      host: hosts[0] ?? '',
      body: JSON.stringify({ email: emails[number % emails.length], password }),
      address: `203.0.${(number >> 8) & 255}.${number & 255}`,
    })
  const send = ({ method, path, host, body = '', address = '203.0.113.1' }: Sent) =>
    new Promise<{ status: number; body: string }>((done) => {
      const headers = { host, 'x-forwarded-for': address, ...(body ? { 'content-type': 'application/json' } : {}) }
      const request = http.request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
        let said = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          said += chunk
        })
        response.on('end', () => done({ status: response.statusCode ?? 0, body: said }))
        response.on('error', (error) => done({ status: 0, body: error.message }))
      })
      request.on('error', (error) => done({ status: 0, body: error.message }))
      request.end(body)
    })
  let number = 0
  const started = performance.now()
  const beat = setInterval(() => {
    for (const due = ((performance.now() - started) / 1000) * perSecond; number < due; number++) {
      const one = ask(number).finally(() => underWay.delete(one))
      underWay.add(one)
    }
  }, 10)
  return {
    async stop() {
      clearInterval(beat)
      await Promise.all(underWay)
      agent.destroy()
      return totals
    },
  }
}

interface Sent {
  method: string
  path: string
  host: string
  body?: string
  address?: string
}

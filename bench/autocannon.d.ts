/** The part of autocannon that the bench uses; it ships no types. */
declare module 'autocannon' {
  export interface Request {
    method?: string
    path?: string
    headers?: Record<string, string>
    body?: string
  }
  export interface Client {
    setRequests(requests: Request[]): void
  }
  export interface Options extends Request {
    url: string
    connections: number
    duration: number
    amount?: number
    setupClient?: (client: Client) => void
  }
  export interface Result {
    '2xx': number
    non2xx: number
    errors: number
    timeouts: number
    duration: number
  }
  export interface Run extends Promise<Result> {
    stop(): void
  }
  export default function autocannon(options: Options): Run
}

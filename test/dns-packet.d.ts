declare module 'dns-packet' {
  export interface Question {
    type: string
    name: string
  }
  export interface Answer extends Question {
    ttl: number
    data: unknown
  }
  export interface Packet {
    type: 'query' | 'response'
    id?: number
    flags?: number
    questions?: Question[]
    answers?: Answer[]
  }
  export const RECURSION_AVAILABLE: number
  export const TRUNCATED_RESPONSE: number
  export function encode(packet: Packet): Buffer
  export function decode(bytes: Buffer): Packet
  export function streamEncode(packet: Packet): Buffer
  export function streamDecode(bytes: Buffer): Packet
}

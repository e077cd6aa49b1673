// Which addresses a stranger's DNS may make us connect to: judged by value, after the look-up, in every way of writing them.
// Called by mail-relay and pop3-client before they connect. Pure. DNS-01
import { parseIp } from '#/message/ip.ts'

type Range = readonly [base: bigint, bits: number, what: string]

const range = (text: string, what: string): Range => {
  const [base = '', bits] = text.split('/')
  return [parseIp(base)?.value ?? 0n, Number(bits), what]
}

/** RFC 6890 §2.2.2 */
const closed4: readonly Range[] = [
  range('0.0.0.0/8', 'no address of a host'),
  range('10.0.0.0/8', 'private'),
  range('100.64.0.0/10', 'shared by a provider'),
  range('127.0.0.0/8', 'loopback'),
  range('169.254.0.0/16', 'link-local'),
  range('172.16.0.0/12', 'private'),
  range('192.0.0.0/24', 'reserved'),
  range('192.168.0.0/16', 'private'),
  range('198.18.0.0/15', 'reserved for tests'),
  range('224.0.0.0/4', 'multicast'),
  range('240.0.0.0/4', 'reserved'),
]

/** RFC 6890 §2.2.3 */
const closed6: readonly Range[] = [
  range('::/128', 'no address of a host'),
  range('::1/128', 'loopback'),
  range('64:ff9b:1::/48', 'private'), // RFC 8215 §4: NAT64 inside a network
  range('100::/64', 'discarded'),
  range('2001::/32', 'a Teredo tunnel'),
  range('fc00::/7', 'private'),
  range('fe80::/10', 'link-local'),
  range('fec0::/10', 'site-local'),
  range('ff00::/8', 'multicast'),
]

const low32 = (value: bigint): bigint => value & 0xffff_ffffn

/** IPv6 addresses that stand for an IPv4 address: where they begin, and which part of them it is. */
const carriers: readonly { readonly range: Range; readonly inner: (value: bigint) => bigint }[] = [
  { range: range('::/96', ''), inner: low32 }, // RFC 4291 §2.5.5.1
  { range: range('64:ff9b::/96', ''), inner: low32 }, // NAT64, RFC 6052 §2.1
  { range: range('2002::/16', ''), inner: (value) => low32(value >> 80n) }, // 6to4, RFC 3056 §2
]

const within = (value: bigint, [base, bits]: Range, width: number): boolean =>
  value >> BigInt(width - bits) === base >> BigInt(width - bits)

const problem4 = (value: bigint): string | null => closed4.find((one) => within(value, one, 32))?.[2] ?? null

/** Why strangers may not send us there, in a word for the trace; null when they may. */
export function targetProblem(address: string): string | null {
  const ip = parseIp(address)
  if (ip === null) return 'no address'
  if (ip.family === 4) return problem4(ip.value)
  const closed = closed6.find((one) => within(ip.value, one, 128))
  if (closed) return closed[2]
  const carrier = carriers.find((one) => within(ip.value, one.range, 128))
  if (carrier) return problem4(carrier.inner(ip.value))
  return isIsatap(ip.value) ? problem4(low32(ip.value)) : null
}

/** An interface id of 0000:5efe or 0200:5efe and an IPv4 address. RFC 5214 §6.1 */
const isIsatap = (value: bigint): boolean => ((value >> 32n) & 0xfdff_ffffn) === 0x5efen

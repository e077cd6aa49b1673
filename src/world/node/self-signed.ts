// A certificate that signs itself, written out in DER: one shape is needed, and a library for all of them takes 12 MB of a
// server that was just started. RFC 5280 §4.1, RFC 5758 §3.2
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Pem } from './tls.ts'

const dayMs = 86_400_000
const validMs = 825 * dayMs
const utcTimeYears = 2050 // RFC 5280 §4.1.2.5: later ones have four digits

const tag = { integer: 0x02, octets: 0x04, oid: 0x06, utf8: 0x0c, utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31 }
const [versionTag, extensionsTag, dnsNameTag, bitsTag] = [0xa0, 0xa3, 0x82, 0x03]
const commonName = Buffer.from('550403', 'hex')
const subjectAltName = Buffer.from('551d11', 'hex')
const ecdsaWithSha256 = Buffer.from('2a8648ce3d040302', 'hex')

/** Made for these names; the first one is its subject. The key is of the curve P-256. */
export function selfSigned(names: readonly string[], now = Date.now()): Pem {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(tag.sequence, der(tag.oid, ecdsaWithSha256))
  const name = nameOf(names[0] ?? '')
  const toBeSigned = der(
    tag.sequence,
    der(versionTag, der(tag.integer, Buffer.of(2))), // version 3
    der(tag.integer, serialOf(now)),
    algorithm,
    name,
    der(tag.sequence, time(now - dayMs), time(now + validMs)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(extensionsTag, der(tag.sequence, alternativeNames(names))),
  )
  const signature = sign('sha256', toBeSigned, keys.privateKey)
  const certificate = der(tag.sequence, toBeSigned, algorithm, der(bitsTag, Buffer.of(0), signature))
  return { cert: pem('CERTIFICATE', certificate), key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) }
}

function der(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(type, ...lengthOf(content.length)), content])
}

/** A short one is one octet, a long one tells first how many follow. */
function lengthOf(length: number): readonly number[] {
  if (length < 128) return [length]
  const octets: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return [128 + octets.length, ...octets]
}

const nameOf = (text: string): Buffer =>
  der(tag.sequence, der(tag.set, der(tag.sequence, der(tag.oid, commonName), der(tag.utf8, Buffer.from(text, 'utf8')))))

/** The moment as a positive integer in as few octets as it needs. */
function serialOf(now: number): Buffer {
  const hex = now.toString(16)
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return octets[0]! < 128 ? octets : Buffer.concat([Buffer.of(0), octets])
}

function time(at: number): Buffer {
  const date = new Date(at)
  const digits = date.toISOString().replace(/[^0-9]/g, '').slice(0, 14) // prettier-ignore
  const isShort = date.getUTCFullYear() < utcTimeYears
  return der(isShort ? tag.utcTime : tag.time, Buffer.from(`${isShort ? digits.slice(2) : digits}Z`, 'latin1'))
}

function alternativeNames(names: readonly string[]): Buffer {
  const all = names.map((name) => der(dnsNameTag, Buffer.from(name, 'latin1')))
  return der(tag.sequence, der(tag.oid, subjectAltName), der(tag.octets, der(tag.sequence, ...all)))
}

function pem(label: string, octets: Uint8Array): string {
  const lines = Buffer.from(octets).toString('base64').replace(/.{64}(?=.)/g, '$&\n') // prettier-ignore
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

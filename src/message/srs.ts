// Sender Rewriting Scheme: a forwarded message leaves with a sender of ours, and its bounces find their way back.
// https://www.libsrs2.net/srs/srs.pdf. Called when mail is forwarded (AD-14) and when a bounce comes to such an address.
// Pure: the key and the time are given. Never forwards for an address that we did not make ourselves.
import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  asciiLower,
  formatAddress,
  parseAddress,
  type Address,
  type Domain,
  type Parsed,
  type ReversePath,
} from './address.ts'
import { encodeBase32 } from './base32.ts'
import { localBytesMax } from './limits.ts'

const dayMs = 86_400_000
const hashChars = 5 // 25 bits: guessing one takes millions of tries, and what it gains is one bounce
const stampMod = 1024 // two characters: days begin again after 2.8 years

export type SrsKey = { readonly secret: Uint8Array; readonly now: number }

/** The sender under which a message is forwarded: null stays null, a sender of our domain stays. One whose rewritten form would
 *  be longer than a local part may be (RFC 5321 §4.5.3.1.1) stays too: its bounces arrive, while SPF may fail. */
export function rewriteSender(from: ReversePath, ourDomain: Domain, key: SrsKey): ReversePath {
  if (from === null || from.domain === ourDomain) return from
  const local = localFor(from, key)
  return local === null || Buffer.byteLength(local) > localBytesMax ? from : { local, domain: ourDomain }
}

function localFor(from: Address, key: SrsKey): string | null {
  const kind = /^SRS([01])[=+-]/i.exec(from.local)?.[1]
  if (kind === undefined) return fresh(from, key)
  return kind === '0' ? firstHop(from, key) : secondHop(from.local, key)
}

function fresh({ local, domain }: Address, key: SrsKey): string {
  const stamp = encodeBase32(dayOf(key.now) % stampMod, 2)
  return signed('0', `${stamp}=${domain}=${local}`, key)
}

/** Somebody forwarded it before us: the bounce goes to them without passing all that are between. */
function firstHop({ local, domain }: Address, key: SrsKey): string {
  return signed('1', `${domain}=${local.slice(4)}`, key) // their separator stays: SRS1=HHHHH=them.example==HHHH=TT=…
}

function secondHop(local: string, key: SrsKey): string | null {
  const parts = /^SRS1[=+-][^=]*=([^=]+=[=+-].+)$/is.exec(local)
  return parts && signed('1', parts[1]!, key)
}

/** The sender that an address of ours stands for. `ageDaysMax` counts from the day of forwarding. */
export function restoreSender(address: Address, key: SrsKey & { ageDaysMax: number }): Parsed<Address> {
  const parts = /^SRS([01])[=+-]([^=]*)=(.+)$/is.exec(address.local)
  if (!parts) return bad('This is no rewritten sender')
  const [, kind, given, rest] = parts
  if (!isSame(hash(`${kind}${rest}`, key), asciiLower(given!))) return bad('This rewritten sender was not made here')
  return kind === '1' ? restoreFirstHop(rest!) : restoreFresh(rest!, key)
}

function restoreFresh(rest: string, { now, ageDaysMax }: { now: number; ageDaysMax: number }): Parsed<Address> {
  const [, stamp, domain, local] = /^(..)=([^=]+)=(.+)$/s.exec(rest) ?? []
  if (stamp === undefined) return bad('This is no rewritten sender')
  const age = Array.from({ length: ageDaysMax + 1 }, (_, days) => (dayOf(now) - days) % stampMod)
  if (!age.some((day) => encodeBase32(day, 2) === asciiLower(stamp))) return bad('This rewritten sender is too old')
  return checked({ local: local!, domain: domain! })
}

function restoreFirstHop(rest: string): Parsed<Address> {
  const [, domain, local] = /^([^=]+)=(.+)$/s.exec(rest) ?? []
  return domain === undefined ? bad('This is no rewritten sender') : checked({ local: `SRS0${local!}`, domain })
}

/** Parsed anew, as all that comes from outside. */
const checked = ({ local, domain }: { local: string; domain: string }): Parsed<Address> =>
  parseAddress(formatAddress({ local, domain: domain as Domain })) // written only to be parsed

const bad = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })
const dayOf = (now: number): number => Math.floor(now / dayMs)

type Kind = '0' | '1'
const signed = (kind: Kind, rest: string, key: SrsKey): string => `SRS${kind}=${hash(`${kind}${rest}`, key)}=${rest}`

/** Of the lower case: servers on the way may change it. The kind is part of it: one cannot pass for the other. */
function hash(text: string, { secret }: SrsKey): string {
  const digest = createHmac('sha256', secret).update(asciiLower(text)).digest()
  return encodeBase32(digest.readUIntBE(0, 4) >>> 7, hashChars)
}

function isSame(ours: string, given: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

// What a pattern of the access list means, for people: while they type it, and beside each row. Pure. AC-02 to AC-05
import { bitsOf, type Ip } from '#/message/ip.ts'
import { danger, parsePattern, type Pattern } from './access.ts'

/** `words` for reading; the rest for whoever says it in another language. */
export type Meaning =
  | {
      readonly ok: true
      readonly is: 'address' | 'addresses' | 'host' | 'under' | 'everyone'
      readonly first: string | null
      readonly last: string | null
      readonly count: string | null // may be more than a number can tell
      readonly name: string | null
      readonly danger: string | null
      readonly words: string
    }
  | { readonly ok: false; readonly problem: string; readonly likely: string | null; readonly words: string | null }

export function meaningOf(typed: string): Meaning {
  const parsed = parsePattern(typed)
  if (parsed.ok) return told(parsed.value)
  const likely = likelyFor(typed.trim())
  const meant = likely === null ? null : meaningOf(likely)
  return { ok: false, problem: parsed.problem, likely, words: meant?.ok ? meant.words : null }
}

function told(pattern: Pattern): Meaning {
  const nothing = { first: null, last: null, count: null, name: null }
  const base = { ok: true, ...nothing, danger: danger(pattern) } as const
  switch (pattern.is) {
    case 'everyone':
      return { ...base, is: 'everyone', words: 'Every machine on the Internet' }
    case 'host': {
      const { name } = pattern
      return { ...base, is: 'host', name, words: `The machine whose address ${name} leads to` }
    }
    case 'under': {
      const name = pattern.suffix.slice(1)
      const words = `Any name below ${name} whose address also leads back to it; not ${name} itself`
      return { ...base, is: 'under', name, words }
    }
    case 'range':
      return rangeTold(pattern, base)
  }
}

type Range = Extract<Pattern, { is: 'range' }>
type Base = Pick<Extract<Meaning, { ok: true }>, 'ok' | 'name' | 'danger'>

function rangeTold({ family, low, high }: Range, base: Base): Meaning {
  const first = ipText({ family, value: low })
  const last = ipText({ family, value: high })
  const count = String(high - low + 1n)
  if (low === high) return { ...base, is: 'address', first, last, count, words: 'Only this one address' }
  const many = count.length > 12 ? 'All addresses from' : `The ${count.replace(/\B(?=(?:\d{3})+$)/g, ',')} addresses`
  return { ...base, is: 'addresses', first, last, count, words: `${many} ${first} to ${last}` }
}

/** RFC 4291 §2.2: the longest run of zeros is left out. */
function ipText({ family, value }: Ip): string {
  const width = family === 4 ? 8n : 16n
  const parts: bigint[] = []
  for (let shift = bitsOf(family) - width; shift >= 0n; shift -= width)
    parts.push((value >> shift) & ((1n << width) - 1n))
  if (family === 4) return parts.join('.')
  const text = parts.map((part) => part.toString(16)).join(':')
  const runs = [...text.matchAll(/(?:^|(?<=:))0(?::0)+(?=:|$)/g)].toSorted((a, b) => b[0].length - a[0].length)
  const [run] = runs
  if (!run) return text
  const before = text.slice(0, Math.max(0, run.index - 1))
  return `${before}::${text.slice(run.index + run[0].length + 1)}`
}

/** What somebody probably meant; never something that lets everyone in. */
function likelyFor(text: string): string | null {
  const candidates = [
    text.replace(/^[a-z]+:\/\/([^/?#]*).*$/i, '$1'), // an address bar
    text.replace(/^\[(.*)\]$/, '$1'),
    `${text.replace(/\.+$/, '')}.*`, // 192.0.2
    text.replace(/(\d)\*$/, '$1.*'), // 192.0.2*
    text.replace(/^\*?\.?/, '*.'), // .example.org, *example.org
    networkOf(text),
    text.replace(/ *[-–—] */, '-'),
    text.replaceAll(' ', ''),
    text.replaceAll(',', '.'),
  ]
  const found = candidates.find((candidate) => {
    if (candidate === text) return false
    const parsed = parsePattern(candidate)
    return parsed.ok && danger(parsed.value) === null
  })
  return found ?? null
}

/** 192.0.2.5/24 is in the network 192.0.2.0/24. */
function networkOf(text: string): string {
  const [address = '', length = ''] = text.split('/')
  const parsed = parsePattern(address)
  if (!parsed.ok || parsed.value.is !== 'range' || !/^[0-9]{1,3}$/.test(length)) return text
  const { family, low } = parsed.value
  const free = bitsOf(family) - BigInt(length)
  return free < 0n ? text : `${ipText({ family, value: (low >> free) << free })}/${length}`
}

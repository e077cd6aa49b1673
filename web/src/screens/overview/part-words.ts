// The cells of a part: where it listens or by what it goes, its chart in a sentence, what is going on. Pure.
import type { Part } from '../../app/status.svelte.ts'
import type { Language } from '../../app/texts.svelte.ts'
import type { overviewTexts } from '../../texts/overview.ts'

type T = ReturnType<typeof overviewTexts>

export type Cell = { readonly words: string; readonly label: string; readonly mono: boolean }

export function listensWords(t: T, { part, listens, ways, says }: Part): Cell {
  if (part === 'mail-relay') {
    const names = ways.map((way) => (way === 'mx' ? t.mx : way === 'address' ? t.address : t.alternate))
    return { words: names.join(t.thenBy) || t.noRoute, label: t.goesBy, mono: false }
  }
  if (part === 'pop3-client') {
    const { everyMin, everyMax } = says.values
    const words = everyMin === undefined ? t.notYet : t.every(Number(everyMin), Number(everyMax))
    return { words, label: t.runs, mono: false }
  }
  const ports = listens.filter(({ problem }) => problem === null).map(({ port, address }) => port ?? address)
  return { words: [...new Set(ports)].join(', ') || '–', label: t.listens, mono: true }
}

const hourMs = 3_600_000

export function chartWords(t: T, { part, hours }: Part, language: Language): string {
  const most = Math.max(...(hours?.counts ?? [0]))
  if (!hours || most === 0) return t.chartNone
  const when = new Date(hours.from + hours.counts.indexOf(most) * hourMs)
  const at = when.toLocaleTimeString(language === 'de' ? 'de-DE' : 'en-GB', { hour: '2-digit', minute: '2-digit' })
  if (part === 'mail-server') return t.chartIn(most, at)
  if (part === 'mail-relay') return t.chartOut(most, at)
  return part === 'pop3-server' ? t.chartLogins(most, at) : t.chartCollected(most, at)
}

/** `written`: the number as the language writes it. */
export function nowWords(t: T, { part, now }: Part, written: string): string {
  if (part === 'mail-server') return t.connections(written, now === 1)
  if (part === 'mail-relay') return t.inQueue(written)
  if (part === 'pop3-server') return t.loggedIn(written)
  return part === 'pop3-client' ? t.collecting(written) : t.pages(written, now === 1)
}

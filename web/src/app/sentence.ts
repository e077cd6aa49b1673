// Sentences with values in them, as data: what the server says by a code is put into words of the page's language here. Pure.
// `{to:addr}` puts a value in as an address; kinds are addr, mono, strong, q (their words), size, time, day, count and
// `one/many`, which chooses by the number: `{n:message/messages}`. `[ and {more} others]` is left out when a value in it is not there.

export type Values = Readonly<Record<string, string | number>>
export type Kind = 'text' | 'addr' | 'mono' | 'strong' | 'q' | 'size' | 'time' | 'day' | 'count'
export type Piece = { readonly kind: Kind; readonly value: string | number }

export function pieces(template: string, values: Values): Piece[] {
  return template
    .split(/(\[[^\]]*\])/)
    .flatMap((part) => {
      if (!part.startsWith('[')) return filled(part, values)
      const inner = part.slice(1, -1)
      return names(inner).every((name) => values[name] !== undefined) ? filled(inner, values) : []
    })
    .filter(({ value }) => value !== '')
}

/** The same without marks, for names that a screen reader reads. */
export const plain = (template: string, values: Values): string =>
  pieces(template, values)
    .map(({ value }) => String(value))
    .join('')

const holes = /\{(\w+)(?::([^}]*))?\}/g
const names = (template: string): string[] => [...template.matchAll(holes)].map((match) => match[1]!)

function filled(template: string, values: Values): Piece[] {
  const found: Piece[] = []
  let from = 0
  for (const { 0: whole, 1: name, 2: kind = 'text', index } of template.matchAll(holes)) {
    found.push({ kind: 'text', value: template.slice(from, index) }, ...pieceOf(values[name!], kind))
    from = index + whole.length
  }
  return [...found, { kind: 'text', value: template.slice(from) }]
}

function pieceOf(value: string | number | undefined, kind: string): Piece[] {
  const [one, many] = kind.split('/')
  if (many === undefined) return [{ kind: kind as Kind, value: value ?? '' }] // the catalogue's templates name no others
  return [
    { kind: 'count', value: value ?? 0 },
    { kind: 'text', value: ` ${value === 1 ? one : many}` },
  ]
}

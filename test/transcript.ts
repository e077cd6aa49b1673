// Plays conversations written as text: `C:` what the client says, `S:` what the server must answer, `…` any text.
// `R:` sends octets with \r \n \0 \xHH escapes and adds nothing; `S: <closed>` expects the end; `#` opens a comment.
import assert from 'node:assert/strict'

export type Wire = { send(text: string): Promise<void>; line(): Promise<string | null> }

export async function playTranscript(text: string, wire: Wire): Promise<void> {
  let number = 0
  for (const row of text.split('\n')) {
    number++
    if (row === '' || row.startsWith('#')) continue
    const said = row.slice(3)
    if (row.startsWith('C:')) await wire.send(`${latin1(said)}\r\n`)
    else if (row.startsWith('R:')) await wire.send(unescape(said))
    else if (row.startsWith('S:')) expect(await wire.line(), said, number)
    else assert.fail(`line ${number} begins with neither C:, R:, S: nor #`)
  }
}

function expect(got: string | null, wanted: string, number: number): void {
  const line = got ?? '<closed>'
  assert.ok(matches(line, wanted), `line ${number}: wanted "${wanted}", got "${line}"`)
}

/** `…` stands for any text, also none. */
export function matches(line: string, wanted: string): boolean {
  const [head = '', ...rest] = wanted.split('…')
  if (rest.length === 0) return line === wanted
  if (!line.startsWith(head)) return false
  let at = head.length
  const tail = rest.pop() ?? ''
  for (const part of rest) {
    at = line.indexOf(part, at)
    if (at < 0) return false
    at += part.length
  }
  return line.length - tail.length >= at && line.endsWith(tail)
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

const escapes = new Map([
  ['r', '\r'],
  ['n', '\n'],
  ['0', '\0'],
  ['\\', '\\'],
])

function unescape(text: string): string {
  return latin1(text).replace(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) => {
    if (code.length === 3) return String.fromCharCode(parseInt(code.slice(1), 16))
    return escapes.get(code) ?? code
  })
}

// For tests: a little MIME parser of its own, and Python's email package, which both read what this room writes.
// Shares no code with the room.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'

export type Entity = { readonly fields: readonly (readonly [string, string])[]; readonly body: string }

/** Header and body of octets, read strictly: only CRLF ends a line, no line is over 998, a fold has text. */
export function parseEntity(octets: Uint8Array): Entity {
  const text = Buffer.from(octets).toString('latin1')
  for (const line of text.split('\r\n')) {
    assert.ok(line.length <= 998, `a line of ${line.length}`)
    assert.ok(!line.includes('\r') && !line.includes('\n') && !line.includes('\0'), 'a stray line end or NUL')
  }
  const end = text.startsWith('\r\n') ? 0 : text.indexOf('\r\n\r\n') + 2
  assert.ok(end !== 1, 'no empty line behind the header')
  return { fields: parseFields(text.slice(0, end)), body: text.slice(end + 2) }
}

export function parseFields(section: string): (readonly [string, string])[] {
  const lines = section.split('\r\n').slice(0, -1)
  const fields: [string, string][] = []
  for (const line of lines) {
    if (/^[ \t]/.test(line)) {
      assert.ok(line.trim() !== '' && fields.length > 0, 'a fold without text')
      fields.at(-1)![1] += line
    } else {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).replace(/[ \t]+$/, '') // obsolete, and a field
      assert.match(name, /^[!-9;-~]+$/)
      fields.push([name, line.slice(colon + 1).trim()])
    }
  }
  return fields
}

export const fieldsNamed = (entity: Entity, name: string): string[] =>
  entity.fields.filter(([one]) => one.toLowerCase() === name.toLowerCase()).map(([, value]) => value)

/** The parts between the delimiters of the boundary that the entity declares. */
export function partsOf(entity: Entity): Entity[] {
  const boundary = /boundary="([^"]+)"/.exec(fieldsNamed(entity, 'Content-Type')[0] ?? '')?.[1]
  assert.ok(boundary !== undefined)
  const [head, ...rest] = `\r\n${entity.body}`.split(`\r\n--${boundary}`)
  assert.equal(head, '')
  assert.equal(rest.pop(), '--\r\n')
  return rest.map((part) => {
    assert.ok(part.startsWith('\r\n'))
    return parseEntity(Buffer.from(part.slice(2), 'latin1'))
  })
}

export type PythonPart = {
  readonly type: string
  readonly file: string | null
  readonly encoding: string
  readonly addresses: readonly string[] | null // of To, where the modern way could read them
  readonly payload: string // base64 of the decoded octets; of a message inside: of its text
  readonly fields: readonly (readonly [string, string])[]
  readonly defects: readonly string[]
}

const script = `
import sys, json, base64, email, email.policy

def addresses(part):
    try: return [a.addr_spec for a in part['To'].addresses]
    except Exception: return None
for line in sys.stdin:
    message = email.message_from_bytes(base64.b64decode(line), policy=email.policy.SMTP if len(sys.argv) > 1 else email.policy.compat32)
    parts = []
    for part in message.walk():
        leaf = None if part.is_multipart() else part.get_payload(decode=True)
        parts.append({
            'type': part.get_content_type(), 'file': part.get_filename(),
            'encoding': str(part.get('Content-Transfer-Encoding', '')),
            'payload': base64.b64encode(leaf or b'').decode(),
            'addresses': addresses(part),
            'fields': [[k, str(v)] for k, v in part.items()],
            'defects': [type(d).__name__ for d in part.defects]})
    print(json.dumps(parts))
`

/** Each message as Python's email package reads it: its entities from the outermost inwards. `modern`: names decoded. */
export function readByPython(messages: readonly Uint8Array[], policy: 'plain' | 'modern' = 'plain'): PythonPart[][] {
  const input = messages.map((octets) => `${Buffer.from(octets).toString('base64')}\n`).join('')
  const args = ['-c', script, ...(policy === 'modern' ? ['modern'] : [])]
  const run = spawnSync('python3', args, { input, encoding: 'utf8', timeout: 60_000, maxBuffer: 2 ** 28 })
  assert.equal(run.status, 0, run.stderr)
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as PythonPart[]) // what the script prints
}

// The API keeps its word: every operation stands in the OpenAPI document, what it answers has the form that the document says, and
// what the page may ask the command line may ask too.
import { test, before, after } from 'node:test'
import assert from 'node:assert/strict'
import { operations } from '#/operations/table.ts'
import { administer, type Administered } from './console-rig.ts'

type Path = { readonly post?: { readonly operationId: string; readonly summary: string } }
let console: Administered
before(async () => void (console = await administer()))
after(() => console[Symbol.asyncDispose]())

const offered = [...operations].filter(([, { local }]) => !local)

test('every operation is offered under its name with a sentence, and those that name files of the server are not', async () => {
  const document = (await (await fetch(`${console.address}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, Path>
  }
  const posts = Object.entries(document.paths).filter(
    ([path]) => !path.includes('/upload/') && !path.includes('/download/'),
  )
  assert.deepEqual(posts.map(([, { post }]) => String(post?.operationId)).sort(), offered.map(([name]) => name).sort())
  for (const [path, { post }] of posts) assert.match(post?.summary ?? '', /^[A-Z].{5,}[^.]$/, path)
})

/** What each is asked here; the others are asked nothing. */
const asked: Readonly<Record<string, object>> = {
  'mailbox.show': { name: 'ann' },
  'mailbox.consequences': { name: 'ann' },
  'app-password.list': { name: 'ann' },
  'message.list': { mailbox: 'ann' },
  'message.deleted': { mailbox: 'ann' },
  'message.search': { mailbox: 'ann', text: 'x' },
  'address.explain': { address: 'ann@example.org' },
  'access.test': { address: '127.0.0.1' },
  'access.meaning': { pattern: '192.168.*' },
  'relay.explain': { to: 'x@example.org' },
  'trace.search': { text: 'ann' },
  'queue.count': { all: true },
}

/** Those that ask other servers, or for something that is not there. */
const elsewhere =
  /^(?:relay\.(?:test|explain)|collect\.(?:test|browse|copies|log|show|stayed|duplicates|status)|tutorial\.|draft\.show|backup\.verify|restore\.|verify$)/

test('what an operation answers has the form that its document says', async (t) => {
  await console.call('mailbox.add', { name: 'ann', password: 'secret of ann', pop3: true })
  await console.call('domain.add', { name: 'example.org', mode: 'by-name', target: 'ann' })
  let checked = 0
  for (const [name, { kind, answer, parameters }] of offered) {
    if (kind !== 'read' || elsewhere.test(name)) continue
    const ask = asked[name] ?? {}
    if (!parameters.safeParse(ask).success) continue
    await t.test(name, async () => {
      const value = await console.call(name, ask)
      if (!answer) return
      const result = answer.safeParse(value)
      assert.ok(result.success, `${name}: ${result.error?.message}`)
    })
    checked++
  }
  assert.ok(checked >= 25, String(checked))
})

test('parameters that nobody knows are refused by every operation', async () => {
  for (const [name] of offered) await assert.rejects(console.call(name, { nobodyKnows: 1 }), /422|Unrecognized/, name)
})

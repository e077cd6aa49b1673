// Messages nobody would write, by the thousand: whatever comes in, something to look at comes out, and nothing that runs.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { readArchive } from '../archives/read.ts'
import { ArchiveError } from '../archives/types.ts'
import { safeHtml } from './html.ts'
import { glance } from './preview.ts'
import { viewOf } from './view.ts'

const pieces = [
  'Content-Type: ',
  'text/html',
  'text/plain',
  'multipart/mixed; boundary=q',
  'multipart/related;boundary="',
  'message/rfc822',
  '\r\n',
  '\r\n\r\n',
  '\n',
  '--q',
  '--q--',
  ': ',
  ' ',
  '"',
  ';',
  '=?utf-8?Q?',
  '?=',
  '=',
  'charset=',
  'utf-16',
  'gb18030',
  'Content-Transfer-Encoding: ',
  'base64',
  'quoted-printable',
  'Content-ID: <a>',
  "filename*0*=utf-8''%",
  'From: ',
  'a@b',
  '<',
  'Content-Disposition: attachment; filename="',
  '\0',
  '\xff',
  '\xc3',
  '\u202e',
  'x',
]
const tags = [
  '<',
  '>',
  '</',
  '/>',
  '"',
  "'",
  '=',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '&lt;',
  '&#',
  '\0',
  ' ',
  '\n',
  'x',
  'script',
  'style',
  'svg',
  'math',
  'img',
  'a',
  'table',
  'td',
  'p',
  'form',
  'title',
  'textarea',
  'noscript',
  'xmp',
  'mtext',
  ' src',
  ' href',
  ' onerror',
  ' onload',
  ' style',
  'javascript:',
  'url(',
  'https://e.example',
  'cid:a',
  'alert(1)',
  'template',
]
const textOf = (from: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...from), { maxLength: 120 }).map((list) => list.join(''))
const runs = { numRuns: 1500 }

test('SX-05 a message of any pieces is taken apart or told, within a moment', async () => {
  await fc.assert(
    fc.asyncProperty(textOf(pieces), async (text) => {
      const octets = Buffer.from(text, 'latin1')
      const { view } = await viewOf(octets, false)
      assert.ok(view.problem !== null || Array.isArray(view.attachments))
      assert.ok(glance(octets).preview.length <= 140)
    }),
    runs,
  )
})

test('WEB-02 HTML of any pieces keeps no handler, no address and no tag that is not on the list', () => {
  fc.assert(
    fc.property(textOf(tags), (text) => {
      const { html } = safeHtml(text, () => null)
      for (const [, name, rest] of html.matchAll(/<\/?([a-z0-9:-]+)([^>]*)>/gi)) {
        assert.match(name!, /^(?:img|table|td|p|span|div)$/)
        assert.doesNotMatch(rest!.replace(/"[^"]*"/g, ''), /\bon[a-z]+\s*=|href|srcset/i)
        assert.doesNotMatch(rest!, /src="(?!data:)/)
      }
      assert.doesNotMatch(html.replace(/<\/?[a-z0-9:-]+[^>]*>/gi, ''), /</)
    }),
    runs,
  )
})

const zipped = [
  'PK\x03\x04',
  'PK\x01\x02',
  '\x00'.repeat(4),
  '\x08\x00',
  '\x00\x00',
  'a.eml',
  '\xff\xff\xff\xff',
  '\x05\x00',
  'From a@b Thu Nov 26 16:25:49 2026\n',
]

test('SX-05 an archive of any pieces is read or told, and never more than it holds', async () => {
  await fc.assert(
    fc.asyncProperty(textOf([...zipped, ...pieces]), fc.integer({ min: 1, max: 50 }), async (text, size) => {
      const octets = Buffer.from(text, 'latin1')
      async function* chunks(): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size)
      }
      let open = false
      try {
        for await (const event of readArchive(chunks(), 'x')) {
          assert.equal(open, event.is === 'octets' || event.is === 'end')
          if (event.is === 'begin') open = true
          if (event.is === 'end') open = false
        }
      } catch (error) {
        assert.ok(error instanceof ArchiveError, String(error))
      }
    }),
    runs,
  )
})

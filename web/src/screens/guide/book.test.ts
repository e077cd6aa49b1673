// The guide and the FAQ inside the page: what is shipped is what the files say, and it is found. HP-01, HP-03
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readSections, sectionsOf } from '../../../guide-plugin.ts'
import { addressOf, search, sectionAt } from './book.ts'

const sections = readSections()
const names = (wanted: string): string[] => search(sections, wanted).map(({ section }) => addressOf(section))

test('HP-03 each of the five errors has an entry, and the search finds it by the words of the error', () => {
  for (const [words, entry] of [
    ['relaying denied', 'relaying-denied'],
    ['[IN-USE]', 'in-use'],
    ['5.7.25', 'no-reverse-name'],
    ['invalid_grant', 'sign-in-expired'],
    ['port 25 block', 'port-25-blocked'],
  ] as const)
    assert.equal(names(words)[0], `/faq/${entry}`)
})

test('HP-01 every setting can be linked to, and leads into the chapter of the settings', () => {
  assert.equal(sectionAt(sections, 'guide', 'mailServer.forwarding')?.title, 'Settings')
  assert.equal(sectionAt(sections, 'guide', 'settings-mailrelay')?.title, 'Settings')
})

const sources = globSync(['web/src/**/*.{svelte,ts}', 'src/**/*.ts']).map(
  (file) => [file, readFileSync(file, 'utf8')] as const,
)
const links = sources.flatMap(([file, text]) =>
  [...text.matchAll(/['"`](guide|faq)#([a-zA-Z0-9.-]*[a-zA-Z0-9])/g)].map(([, book, anchor]) => ({
    file,
    book,
    anchor,
  })),
)

test('HP-01 every "learn more" of the page and of the server leads somewhere', () => {
  const dead = links.filter(({ book, anchor }) => !sectionAt(sections, book as 'guide' | 'faq', anchor!))
  assert.ok(links.length > 20)
  assert.deepEqual(dead, [])
})

test('every link inside the guide and the FAQ leads somewhere', () => {
  const inside = [...JSON.stringify(sections).matchAll(/"href":"\/(guide|faq)\/([^"]+)"/g)]
  const dead = inside.filter(([, book, anchor]) => !sectionAt(sections, book as 'guide' | 'faq', anchor!))
  assert.ok(inside.length > 10)
  assert.deepEqual(dead.map(([link]) => link), []) // prettier-ignore
})

test('WEB-13 what is no plain text of ours is refused when the page is built', () => {
  for (const wrong of ['<b>x</b>', '![x](y.png)', '[x](javascript:alert)', '[x](other.md)', '<script>x</script>'])
    assert.throws(() => sectionsOf(`# T\n\n## c\n\n${wrong}\n`, 'guide'), /guide/, wrong)
})

test('the search wants every word, ranks titles first, and marks what it found', () => {
  assert.deepEqual(search(sections, 'relaying zebra'), [])
  const [hit] = search(sections, 'quota full')
  assert.equal(hit?.section.anchors[0], 'mailbox-full')
  assert.ok(hit.excerpt.some(({ text, hit: is }) => is && text.toLowerCase() === 'quota'))
  assert.deepEqual(search(sections, '  '), [])
})

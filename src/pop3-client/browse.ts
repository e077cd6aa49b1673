// A look into a remote mailbox: a page of it, newest first, with what is known here of each message. Nothing is fetched, stored
// or marked. Texts of strangers are shown as text and nothing else. PC-32, PC-36
import { fields, fieldText, decodeWords, headerEnd } from '#/message/header.ts'
import { forPeople } from '#/message/printable.ts'
import { dateOf } from './first.ts'
import { hashOf, readHeads } from './heads.ts'
import { identify, inDoubt, isHere, type Identified } from './identify.ts'
import { pageMax, shownCharsMax } from './limits.ts'
import { keyText } from './plan.ts'
import type { AccountRow, BrowsePage, RemoteItem } from './types.ts'
import { visit, type VisitParts } from './visit.ts'

type Page = { readonly before: number | null; readonly limit: number }

export async function browse(parts: VisitParts, row: AccountRow, { before, limit }: Page): Promise<BrowsePage> {
  const gone = new Set((await parts.store.collected.deletedHere(row.id)).map(keyText))
  return visit(parts, row, async ({ box, listing, known }) => {
    const { messages, warnings } = listing
    const older = before === null ? messages : messages.filter(({ number }) => number < before)
    const page = older.slice(-Math.min(limit, pageMax))
    const heads = await readHeads(
      box,
      page.map(({ number }) => number),
      (section) => section,
    )
    const doubtful = new Set(inDoubt(messages, known)) // a clear UID is believed as a run believes it
    const unclear = [...heads].filter(([number]) => doubtful.has(number))
    const hashes = new Map(unclear.map(([number, section]) => [number, hashOf(section)]))
    const told = identify(page, known, hashes)
    const items = told.map((one) => itemOf(one, heads.get(one.listed.number), gone)).toReversed()
    return {
      items,
      total: messages.length,
      totalBytes: messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      before: older.length > page.length ? page[0]!.number : null,
      previews: box.facts.top,
      warnings,
    }
  })
}

function itemOf({ listed, key, row }: Identified, head: Uint8Array | undefined, gone: ReadonlySet<string>): RemoteItem {
  return {
    number: listed.number,
    uid: key.uid,
    sizeBytes: listed.sizeBytes,
    at: head === undefined ? null : dateOf(head),
    from: shown(head, 'from'),
    subject: shown(head, 'subject'),
    state: row?.state ?? 'new',
    here: row !== null && isHere(row) && !gone.has(keyText(row)),
    problem: row?.problem ?? null,
  }
}

function shown(head: Uint8Array | undefined, name: string): string | null {
  if (head === undefined) return null
  const end = headerEnd(head)?.fieldsEnd ?? head.length
  for (const field of fields(head, end))
    if (field.name === name) return forPeople(decodeWords(fieldText(head, field))).slice(0, shownCharsMax)
  return null
}

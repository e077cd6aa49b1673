// The pickup folder: .eml files of old programs are sent once and moved to done/, or to bad/ with the reason beside them.
// Opened by main. A file is claimed by a rename to work/KEY-NAME before it is read; the key becomes the message's, so that
// after a crash the trace tells whether it was sent. Who may write into the folder may send. SE-08
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { messageKey, type MessageKey } from '#/message/key.ts'
import { StoreError } from '#/storage/store.ts'
import type { Context } from './context.ts'
import { OperationError } from './errors.ts'
import { parsePickup } from './pickup-file.ts'
import { addressOf, pathOf, readMessage, sendOctets } from './send.ts'

const lookEveryMs = 2000
const filesMax = 100 // sent in one look
const entriesMax = 10_000 // files looked at for them
const nameCharsMax = 50
const sayAgainMs = 3_600_000
const keyChars = 26

export type Pickup = { close(): Promise<void> }

export function openPickup(context: Context): Pickup {
  const { world, settings } = context
  let looking: Promise<void> | null = null
  let saidAt = Number.NEGATIVE_INFINITY
  const tell = (error: unknown): void => {
    if (world.clock.now() - saidAt < sayAgainMs) return
    saidAt = world.clock.now()
    world.log.error('pickup', { error })
  }
  const timer = world.clock.every(lookEveryMs, () => {
    if (settings.now().mailRelay.pickupFolder === '' || looking !== null) return
    looking = lookOnce(context)
      .catch(tell)
      .finally(() => (looking = null))
  })
  return {
    async close() {
      timer[Symbol.dispose]()
      await looking
    },
  }
}

type Folders = { readonly folder: string; readonly work: string; readonly done: string; readonly bad: string }

/** What an earlier look left behind first. One file that cannot be moved or read blocks no other.
 *  @throws the first trouble, when all files had their turn; that of the store at once. */
export async function lookOnce(context: Context): Promise<void> {
  const { settings, world } = context
  const folder = settings.now().mailRelay.pickupFolder
  const folders = { folder, work: join(folder, 'work'), done: join(folder, 'done'), bad: join(folder, 'bad') }
  for (const one of Object.values(folders)) mkdirSync(one, { recursive: true, mode: 0o700 })
  const troubles: unknown[] = []
  const send = async (name: string): Promise<void> => {
    try {
      await sendClaimed(context, folders, name)
    } catch (error) {
      if (error instanceof StoreError) throw error
      troubles.push(error)
    }
  }
  for (const name of await namesIn(folders.work)) await send(name)
  let claims = 0
  for (const name of await namesIn(folder)) {
    if (!name.toLowerCase().endsWith('.eml') || !isQuiet(context, join(folder, name))) continue
    const claimed = claim(folders, name, messageKey(world.clock.now(), world.random.bytes(10)))
    if (claimed !== null) await send(claimed)
    if (claimed !== null && ++claims >= filesMax) break
  }
  if (troubles.length > 0) throw troubles[0]
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = []
  for await (const entry of await opendir(folder)) {
    if (entry.isFile()) names.push(entry.name)
    if (names.length >= entriesMax) break
  }
  return names
}

/** A file that was renamed in keeps the time at which it was written. */
function isQuiet({ settings, world }: Context, file: string): boolean {
  const found = lstatSync(file, { throwIfNoEntry: false })
  return found?.isFile() === true && world.clock.now() - found.mtimeMs >= settings.now().mailRelay.pickupQuietMs
}

/** Null when somebody holds it: it is looked at again. Durable, so that no power cut brings a sent file back. */
function claim({ folder, work }: Folders, name: string, key: MessageKey): string | null {
  const claimed = `${key}-${name.slice(-nameCharsMax)}`
  try {
    renameSync(join(folder, name), join(work, claimed))
  } catch {
    return null
  }
  for (const one of [work, folder]) syncFolder(one)
  return claimed
}

function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

async function sendClaimed(context: Context, { work, done, bad }: Folders, name: string): Promise<void> {
  const file = join(work, name)
  const problem = (await isSent(context, name)) ? null : await problemOf(context, file, name)
  if (problem !== null) writeFileSync(join(bad, `${name}.txt`), `${problem}\n`)
  renameSync(file, join(problem === null ? done : bad, name))
}

const keyOf = (name: string): MessageKey => name.slice(0, keyChars) as MessageKey // claim() has put it there

const isSent = async ({ store }: Context, name: string): Promise<boolean> =>
  (await store.trace({ ref: keyOf(name), limit: 1 })).length > 0

/** Sends it. Null: it is kept; otherwise why it is not sent, for whoever wrote it.
 *  @throws StoreError: it is tried again. */
async function problemOf(context: Context, file: string, name: string): Promise<string | null> {
  try {
    const { refused } = await sendFile(context, file, keyOf(name))
    return refused.length === 0 ? null : refused.map(({ to, because }) => `${to}: ${because}`).join('\n')
  } catch (error) {
    if (error instanceof OperationError) return error.message
    if (error instanceof Error && 'syscall' in error) return error.message // the file cannot be read
    throw error
  }
}

async function sendFile(context: Context, file: string, key: MessageKey) {
  const { mailServer, server } = context.settings.now()
  if (lstatSync(file).size > mailServer.messageBytesMax) throw new OperationError('The file is too large')
  const { sender, receivers, message } = parsePickup(readFileSync(file))
  const postmaster = addressOf(context, server.postmaster === '' ? 'postmaster' : server.postmaster)
  const { content, from, to, problems } = readMessage(context, message, postmaster)
  if (receivers.length === 0 && problems.length > 0) throw new OperationError(problems.join('; '))
  return sendOctets(context, content, {
    from: sender === null ? from : pathOf(context, sender),
    to: receivers.length === 0 ? to : receivers.map((text) => addressOf(context, text)),
    by: 'pickup folder',
    key,
  })
}

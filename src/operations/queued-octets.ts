// The octets of a message that waits in the queue, for an administrator to look at.
import { z } from 'zod'
import { OperationError } from './errors.ts'
import type { Download } from './operation.ts'

const asked = z.strictObject({ id: z.string().min(1).max(40) })

export const queuedMessage: Download<z.output<typeof asked>> = {
  about: 'A message that waits in the queue, as a file',
  parameters: asked,
  async open({ store }, { id }) {
    const row = (await store.queue.ofMessage(id.slice(0, 26))).find((one) => one.id === id)
    if (!row || row.finishedAt !== null) throw new OperationError('This delivery is not in the queue any more')
    const content = await store.queue.content(row)
    const chunks = content instanceof Uint8Array ? once(content) : content
    return { fileName: `${row.message}.eml`, type: 'message/rfc822', sizeBytes: row.sizeBytes, chunks }
  },
}

async function* once(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets
}

// Requests to web servers behind the Web door: token endpoints today. Bounded in time and size; follows no redirect, since a
// form with secrets goes only where the operator said.
import type { Web, WebAnswer } from '../world.ts'

const answerMs = 30_000
const bodyBytesMax = 65_536

export const nodeWeb: Web = {
  async postForm(url, form) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: { accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(answerMs),
      })
      return await readAnswer(response)
    } catch (error) {
      return { ok: false, why: reasonOf(error) }
    }
  },
}

async function readAnswer(response: Response): Promise<WebAnswer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) return { ok: false, why: 'the answer is too long' } // leaving the loop ends the request
    chunks.push(chunk)
  }
  return { ok: true, status: response.status, body: Buffer.concat(chunks).toString('utf8') }
}

/** fetch says only "fetch failed"; the cause knows more. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

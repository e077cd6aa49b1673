// What a refusal is about: the recipient, the content, ourselves, our pace. Called by the engine, which moves on to the alternate
// server only for what is about us (D2), and by notices, which explain. Pure; the knowledge is in classify-table.ts. RO-16, RO-31
import type { Reply } from '#/message/reply.ts'
import { refusals, type Refusal } from './classify-table.ts'
import type { Stage } from './session-types.ts'

/** `recipient`, `content` and `size`: nobody else would take it. `about-us`: our address, name or authentication; another
 *  server may be believed. `auth`: the account at a server is refused, mail waits for the operator. `rate`: too much for now,
 *  also with a 5xx. `greylist`: come again soon, from the same address. */
export type RefusalKind = 'recipient' | 'content' | 'about-us' | 'rate' | 'size' | 'greylist' | 'auth' | 'other'

/** The first row that fits decides; without one the stage does. `table` is ours unless the caller has a newer one. */
export function classify(reply: Reply, stage: Stage, table: readonly Refusal[] = refusals): RefusalKind {
  const said: Said = { text: textOf(reply), status: statusOf(reply), code: reply.code, stage }
  return table.find((row) => fits(row, said))?.kind ?? byStage(reply.code, stage)
}

type Said = { readonly text: string; readonly status: string; readonly code: number; readonly stage: Stage }

const textCharsMax = 2_000

const textOf = ({ lines }: Reply): string => lines.join(' ').slice(0, textCharsMax).toLowerCase()

/** Some servers write the status at the end of the text: `(#5.1.1)`. */
const statusOf = ({ status, lines }: Reply): string =>
  status ?? /\(#([45]\.[0-9]\.[0-9]{1,3})\)/.exec(lines.join(' '))?.[1] ?? ''

const fits = ({ text, status, codes, stages }: Refusal, said: Said): boolean =>
  (text?.test(said.text) ?? true) &&
  (status?.test(said.status) ?? true) &&
  (codes?.includes(said.code) ?? true) &&
  (stages?.includes(said.stage) ?? true)

/** Who is refused before naming sender and recipient is refused for what he is. */
function byStage(code: number, stage: Stage): RefusalKind {
  if (code < 500) return 'other'
  switch (stage) {
    case 'connect':
    case 'greeting':
    case 'ehlo':
    case 'mail':
      return 'about-us'
    case 'auth':
      return 'auth'
    case 'rcpt':
      return 'recipient'
    case 'dot':
      return 'content'
    case 'starttls':
    case 'data':
      return 'other'
  }
}

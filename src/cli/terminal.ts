// What only a terminal needs: passwords that are not shown, and a sign of life while a long answer is awaited.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import type { OnShare } from '#/operations/context.ts'
import { OperationError } from '#/operations/errors.ts'

/** From a terminal asked for twice and not shown; otherwise one line of standard input. */
export async function readPassword(question = 'Password: '): Promise<string> {
  const first = await readSecret(question)
  if (process.stdin.isTTY && (await ask('Once more: ')) !== first) throw new OperationError('The two differ')
  return first
}

/** From a terminal asked for once and not shown; otherwise one line of standard input. */
export async function readSecret(question: string): Promise<string> {
  return process.stdin.isTTY ? ask(question) : readFileSync(0, 'utf8').replace(/\r?\n$/, '')
}

/** Text from standard input, all of it; what is not UTF-8 is none. */
export function readText(): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(0))
  } catch {
    throw new OperationError('The text is not UTF-8')
  }
}

/** A question that is answered with y or yes; without a terminal it is not asked, and the answer is no. */
export async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false
  return /^y(?:es)?$/i.test(await answer(`${question} [y/N] `))
}

/** A line that is typed on the terminal, without blanks around it. */
export async function answer(question: string): Promise<string> {
  using lines = createInterface({ input: process.stdin, output: process.stderr })
  return (await lines.question(question)).trim()
}

async function ask(question: string): Promise<string> {
  const { stdin } = process
  stdin.setRawMode(true) // before the question: whoever types at once is not shown either
  process.stderr.write(question)
  stdin.setEncoding('utf8')
  try {
    return await typed(stdin)
  } finally {
    stdin.setRawMode(false)
    stdin.pause()
    process.stderr.write('\n')
  }
}

function typed(stdin: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: string): void => {
      for (const c of chunk) {
        if (c === '\u0003' || c === '\u0004') return end(() => reject(new OperationError('Nothing was changed')))
        if (c === '\r' || c === '\n') return end(() => resolve(text))
        text = c === '\u007f' || c === '\b' ? text.slice(0, -1) : text + c
      }
    }
    const end = (tell: () => void): void => {
      stdin.off('data', take)
      tell()
    }
    stdin.on('data', take)
    stdin.resume()
  })
}

type Work<T> = (onShare?: OnShare) => Promise<T>

/** A bar and the seconds on a terminal; silent elsewhere. */
export async function withProgress<T>(what: string, work: Work<T>): Promise<T> {
  if (!process.stderr.isTTY) return work()
  const startedAt = Date.now()
  let done = 0
  let of = ''
  const draw = (): void =>
    void process.stderr.write(`\r${what} ${bar(done)} ${Math.round((Date.now() - startedAt) / 1000)} s${of}\u001b[K`)
  const timer = setInterval(draw, 1000)
  try {
    return await work((share, words) => {
      done = share
      of = words === undefined ? '' : `, ${words}`
      draw()
    })
  } finally {
    clearInterval(timer)
    process.stderr.write('\r\u001b[K')
  }
}

const barChars = 30

/** For example `[###############...............]  50 %`. */
export function bar(share: number): string {
  const full = Math.floor(share * barChars)
  return `[${'#'.repeat(full).padEnd(barChars, '.')}] ${String(Math.floor(share * 100)).padStart(3)} %`
}

// The question of the first run: on a terminal the account is tried first, and what is there is counted. PC-11
import { resolve } from 'node:path'
import { counted } from '#/operations/collect-shown.ts'
import { OperationError } from '#/operations/errors.ts'
import type { TestReport } from '#/pop3-client/types.ts'
import { call } from './call.ts'
import { firstOf } from './collect-options.ts'
import { visible } from './print.ts'
import { sized } from './sizes.ts'
import { answer, confirmed } from './terminal.ts'
import { defined, type Options } from './verb.ts'

/** Elsewhere the account waits until somebody says it. Tokens do not exist before somebody has signed in. */
export async function askedFirst(parameters: Options, options: Options): Promise<Options> {
  const wanted = process.stdin.isTTY && parameters['first'] === undefined && parameters['password'] !== undefined
  if (!wanted) return parameters
  const folder = resolve(String(options['data']))
  process.stderr.write('Trying it ...\n')
  const tested = (await call(folder, { name: 'collect.test', parameters })) as TestReport // its answer
  return tested.ok ? asked(parameters, tested) : unsure(parameters, tested)
}

async function asked(parameters: Options, { messages, bytes }: TestReport): Promise<Options> {
  process.stderr.write(`There: ${counted(messages ?? 0)}, ${sized(bytes ?? 0)}.\n`)
  const said = await answer(
    'Collect everything, those since a day (2026-01-31), or only new ones? [everything/DAY/new] ',
  )
  return defined({ ...parameters, first: said === '' ? undefined : firstOf(said) })
}

async function unsure(parameters: Options, { lines }: TestReport): Promise<Options> {
  process.stderr.write(`${lines.map(visible).join('\n')}\n`)
  if (await confirmed('It does not work yet. Save the account all the same?')) return parameters
  throw new OperationError('Nothing was changed')
}

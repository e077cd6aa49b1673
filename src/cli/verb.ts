// A command of the command line: it names an operation, asks for its parameters and prints the answer.
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Call } from '#/operations/control-lines.ts'
import { call } from './call.ts'
import { list, table, visible } from './print.ts'
import { withProgress } from './terminal.ts'
import type { Watch } from './watch.ts'

export type Row = Record<string, unknown>
export type Show = (value: never) => string
export type Options = Record<string, unknown>

export const dataOption = (): Option =>
  new Option('--data <folder>', 'where mail is kept').env('NETCRUISER_DATA').default('data')

/** A command that runs one operation. `ask` makes its parameters of arguments and options. */
export function verb(
  parent: Command,
  usage: string,
  spec: {
    about: string
    does: string
    example: string
    ask: (args: string[], options: Options) => unknown // or a promise of it
    show: Show
    /** Said on a terminal while a long answer is awaited. */
    waiting?: string
    /** What Ctrl-C does first, where leaving is not the way to end it. */
    stop?: (parameters: unknown) => Call
  },
): Command {
  return parent
    .command(usage)
    .description(spec.about)
    .exitOverride()
    .addOption(dataOption())
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  netcruiser ${spec.example}`)
    .action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command // commander hands it over last
      const options = command.opts<Options>()
      const parameters = await spec.ask(command.processedArgs as string[], options) // our commands take texts only
      const folder = resolve(String(options['data']))
      const stop = spec.stop && stoppable(spec.stop(parameters))
      const work = (onShare?: Watch['onShare']): Promise<unknown> =>
        call(folder, { name: spec.does, parameters }, { onShare, stop })
      const value = await (spec.waiting === undefined ? work() : withProgress(spec.waiting, work))
      const text = spec.show(value as never) // each operation's own shape; it also says whether the answer is a failure
      process.stdout.write(`${options['json'] ? JSON.stringify(value) : text}\n`)
    })
}

/** The first Ctrl-C asks for an end, the second one leaves. */
function stoppable(by: Call): Watch['stop'] {
  const abort = new AbortController()
  process.once('SIGINT', () => {
    process.stderr.write('\nStopping; Ctrl-C again leaves at once.\n')
    abort.abort()
  })
  return { signal: abort.signal, by }
}

export const rows =
  (columns: readonly string[], empty: string): Show =>
  (value: Row[]) =>
    table(value, columns, empty)
export const shown: Show = (value: Row) => list(value)
export const sentences: Show = (value: string[]) => value.map(visible).join('\n')
/** Of an answer that has them. */
export const answered: Show = (value: { sentences: string[] }) => value.sentences.map(visible).join('\n')
export const defined = (values: Options): Options =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

// The command line of the benchmark.
import { parseArgs } from 'node:util'
import { clientNames } from './collectors.mjs'

const usual = ['accept', 'relay', 'collect', 'pop3', 'idle']
export const sections = [...usual, 'growth', 'scale']
const knownPeers = ['postfix', 'haraka', 'dovecot', ...clientNames]
export const usage = `npm run bench -- [options]
  --only accept,relay,...          these sections only: accept, relay, collect, pop3, idle (all by default), growth, scale
  --growth                         the growth section too: fills 1,000,000 messages (about 8 GB of disk)
  --scale                          the scale section too: a queue of 1,000,000 deliveries
  --peers postfix,mpop,...         these peers only (${knownPeers.join(', ')}); "none": ours alone
  --reps 3                         measured rounds of each; the median counts
  --quick                          one short round of each: a smoke test, not a measurement
  --write                          write docs/bench.md and docs/bench.svg also after a partial run
  --with raw/A.jsonl,raw/B.jsonl   rows that this run has not measured are written from these earlier runs`

export function readArgs(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      reps: { type: 'string' },
      quick: { type: 'boolean' },
      growth: { type: 'boolean' },
      scale: { type: 'boolean' },
      write: { type: 'boolean' },
      with: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const list = (text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
  const only = values.only
    ? list(values.only)
    : [...usual, ...(values.growth ? ['growth'] : []), ...(values.scale ? ['scale'] : [])]
  const wrong = only.find((word) => !sections.includes(word))
  if (wrong) throw new Error(`There is no section ${wrong}\n${usage}`)
  const peers = values.peers === 'none' ? [] : values.peers ? list(values.peers) : knownPeers
  const stranger = peers.find((name) => !knownPeers.includes(name))
  if (stranger) throw new Error(`There is no peer ${stranger}\n${usage}`)
  const reps = Number(values.reps ?? (values.quick ? 1 : 3))
  if (!(reps >= 1)) throw new Error(`--reps is a number of 1 or more\n${usage}`)
  const whole = !values.only && !values.peers && !values.quick
  return {
    help: values.help ?? false,
    only,
    reps,
    seconds: values.quick ? 1 : 3,
    quick: values.quick ?? false,
    peers,
    write: values.write ?? whole,
    earlier: list(values.with ?? ''),
  }
}

// Who collects, all behind the same calls: the POP3 clients of others (clients/*.sh) and our server.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { bench, server, state } from './servers.mjs'

const clients = {
  mpop: { script: 'mpop', env: { PIPE: 'auto' } },
  'mpop-waiting': { script: 'mpop', env: { PIPE: 'off' } },
  getmail: { script: 'getmail', env: {} },
  fetchmail: { script: 'fetchmail', env: { TARGET: 'lmtp' } },
}
export const clientNames = Object.keys(clients)

function say(name, args, extra = {}) {
  const { script, env } = clients[name]
  const path = join(bench, 'clients', `${script}.sh`)
  const all = { ...process.env, BENCH_STATE: state, OUT: name, ...env, ...extra }
  return spawnSync(path, args.map(String), { env: all, encoding: 'utf8', timeout: 300_000 })
}

/** With its name; null when it is not installed. */
export function clientVersion(name) {
  const version = say(name, ['version']).stdout.trim()
  return version === '' ? null : `${clients[name].script} ${version}`
}

/** A client of another project. `extra` is environment: the network, and where it delivers to. */
export const client = (name, extra) => ({
  name,
  prepare: ({ host, port, user }) => void say(name, ['prepare', host, port, user], extra),
  run() {
    const { status, stderr } = say(name, ['run'], extra)
    if (status !== 0) throw new Error(`${name}: ${stderr.trim().slice(0, 200) || `exit ${status}`}`)
  },
  delivered: () => Number(say(name, ['delivered'], extra).stdout),
})

/** Ours: an account is added, its run is asked for on the command line, and the report must be a good one. */
export function ourCollector(extra) {
  const it = server('ours', { VARIANT: 'collect', OURS_PORT: '12570', ...extra })
  it.call('reset')
  let before = 0
  return Object.assign(it, {
    prepare({ host, port, user, leave }) {
      before = Number(it.call('messages'))
      it.call('account', user, host, port, leave ? 'leave' : 'no-leave')
      this.account = user
    },
    run() {
      const report = JSON.parse(it.call('collect', this.account))
      if (!report.ok) throw new Error(`ours: ${report.words}`)
    },
    delivered: () => Number(it.call('messages')) - before,
  })
}

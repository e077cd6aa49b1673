// The servers that are measured, as the drivers know them, and the load programs. No load is made in a measured process.
import { spawn, spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const bench = dirname(dirname(fileURLToPath(import.meta.url)))
export const state = process.env.BENCH_STATE ?? join(bench, '.state')

const settings = {
  ours: { driver: 'ours', env: { VARIANT: 'local' } },
  ceiling: { driver: 'ours', env: { VARIANT: 'ceiling', OURS_PORT: '12537' } },
  postfix: { driver: 'postfix', env: { VARIANT: 'virtual', TUNED: '1' } },
  haraka: { driver: 'haraka', env: { VARIANT: 'local', TUNED: '0' } },
  dovecot: {
    driver: 'dovecot',
    env: { DOVECOT_STORE: 'maildir', TUNED: '1', SCHEME: 'PLAIN', MAILROOT: '/srv/mail-pop3' },
  },
  far: { driver: 'far', env: {} },
}
export const title = {
  ours: 'NetCruiser Mail',
  ceiling: 'ceiling',
  postfix: 'Postfix',
  haraka: 'Haraka',
  dovecot: 'Dovecot',
  mpop: 'mpop',
  'mpop-waiting': 'mpop without pipelining',
  getmail: 'getmail',
  fetchmail: 'fetchmail',
}

/** A server behind its driver. `extra` is environment on top of what the table above says. */
export function server(name, extra = {}) {
  const { driver, env } = settings[name]
  const all = { ...process.env, BENCH_STATE: state, ...env, ...extra }
  const call = (...args) => {
    // Daemons inherit what they are given: files, not pipes, or the call would wait for them.
    const { status, stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `"$0" "$@" > "$OUT" 2> "$OUT.err"; s=$?; cat "$OUT"; tail -3 "$OUT.err" >&2; exit $s`,
        join(bench, 'drivers', `${driver}.sh`),
        ...args,
      ],
      { env: { ...all, OUT: join(state, `call-${name}`) }, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr.trim() || `exit ${status}`}`)
    return stdout.trim()
  }
  const is = (verb) => {
    try {
      call(verb)
      return true
    } catch {
      return false
    }
  }
  let facts
  return {
    name,
    call,
    present: () => is('present'),
    filled: () => is('filled'),
    get facts() {
      return (facts ??= Object.fromEntries(
        call('info')
          .split(/\s+/)
          .map((pair) => pair.split('=')),
      ))
    },
    port(protocol) {
      return this.facts[protocol].split(':')[1]
    },
    restart() {
      is('stop')
      call('start')
    },
  }
}

/** Runs a program to its end. */
export function run(command, args, { timeoutS = 300 } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutS * 1000 })
    let [out, err] = ['', '']
    child.stdout.on('data', (text) => (out += text))
    child.stderr.on('data', (text) => (err += text))
    child.on('error', fail)
    child.on('close', (code) =>
      code === 0
        ? done(out)
        : fail(new Error(`${command.split('/').at(-1)}: ${err.trim().slice(0, 200) || `exit ${code}`}`)),
    )
  })
}

/** Before a round: what was written for it, or left by the server before, is not for this one to wait for. */
export async function settled() {
  spawnSync('sync')
  await sleep(300)
}

export const program = (name) => join(bench, 'bin', name)
const postfixRoot = join(state, 'roots', 'postfix')

/** smtp-source of Postfix, in its root. */
export const sendMail = (port, { count, size, connections, keep, to = 'user1@bench.test' }) =>
  run(
    'chroot',
    [
      postfixRoot,
      'smtp-source',
      ...(keep ? ['-d'] : []),
      '-s',
      connections,
      '-m',
      count,
      '-l',
      size,
      '-f',
      's@load.test',
      '-t',
      to,
      `127.0.0.1:${port}`,
    ].map(String),
  )

/** pop3-source: the figures that it prints. */
export const readMail = async (port, ...args) =>
  JSON.parse(await run(program('pop3-source'), ['-H', '127.0.0.1', '-p', port, '-w', 'secret', ...args].map(String)))

/** What STAT says. */
export function messagesOf(port, user) {
  return new Promise((done, fail) => {
    const socket = connect(Number(port), '127.0.0.1')
    const say = [`USER ${user}`, 'PASS secret', 'STAT', 'QUIT']
    let [text, step] = ['', 0]
    socket.on('error', fail)
    socket.on('data', (data) => {
      text += data
      for (let end; (end = text.indexOf('\r\n')) >= 0; text = text.slice(end + 2)) {
        if (text[0] !== '+') {
          socket.destroy()
          return fail(new Error(text.slice(0, end)))
        }
        if (step === 3) done(Number(text.split(' ')[1]))
        if (step < 4) socket.write(`${say[step++]}\r\n`)
        else socket.end()
      }
    })
  })
}

// A private Dovecot for tests: its own folders and ports of 127.0.0.1, started and stopped by the id of its process. One user,
// ann with the password "secret", whose mail lies in a Maildir. Never touches the Dovecot of the machine.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureCertificate } from '#/world/node/certificate.ts'
import { freePort, until } from './notice-rig.ts'
import { greets } from './wire-client.ts'

const daemon = '/usr/sbin/dovecot'
export const noDovecot: string | false = !existsSync(daemon)
  ? 'Dovecot is not installed'
  : process.getuid?.() === 0
    ? false
    : 'Dovecot starts for root only'

export type Dovecot = AsyncDisposable & {
  readonly pop3: number
  readonly pop3s: number
  /** PEM; the certificate is for pop.peer.example. */
  readonly ca: string
  put(messages: readonly string[]): void
  /** Octets of what lies there, latin1. */
  messages(): string[]
  log(): string
}

export async function dovecot(): Promise<Dovecot> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-dovecot-'))
  chmodSync(folder, 0o755)
  const { cert, key } = await ensureCertificate(folder, 'pop.peer.example')
  const [pop3, pop3s] = [await freePort(), await freePort()]
  const [uid, gid] = ['-u', '-g'].map((kind) => Number(spawnSync('id', [kind, 'nobody']).stdout.toString()))
  const box = join(folder, 'ann')
  for (const name of ['', 'new', 'cur', 'tmp']) mkdirSync(join(box, name), { recursive: true, mode: 0o700 })
  const own = (): void => void spawnSync('chown', ['-R', `${uid}:${gid}`, box])
  own()
  writeFileSync(join(folder, 'users'), `ann:{PLAIN}secret:${uid}:${gid}::${folder}::\n`)
  writeFileSync(join(folder, 'dovecot.conf'), confOf({ folder, cert, key, pop3, pop3s }))
  const master = spawn(daemon, ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' })
  await until(() => greets(pop3, '+OK'))
  let written = 0
  return {
    pop3,
    pop3s,
    ca: readFileSync(cert, 'utf8'),
    put(messages) {
      for (const message of messages) {
        const file = join(box, 'new', `${1_700_000_000 + written}.${++written}.test`)
        writeFileSync(file, message, 'latin1')
        chownSync(file, uid!, gid!)
      }
    },
    messages: () =>
      ['new', 'cur'].flatMap((name) =>
        readdirSync(join(box, name)).map((file) => readFileSync(join(box, name, file), 'latin1')),
      ),
    log: () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'latin1') : ''),
    async [Symbol.asyncDispose]() {
      const ended = once(master, 'exit')
      master.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Conf = { folder: string; cert: string; key: string; pop3: number; pop3s: number }

const confOf = ({ folder, cert, key, pop3, pop3s }: Conf): string => `
protocols = pop3
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
instance_name = ${folder}
ssl = yes
ssl_cert = <${cert}
ssl_key = <${key}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:${folder}/ann
first_valid_uid = 1
pop3_uidl_format = %g
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = passwd-file
  args = ${folder}/users
}
service pop3-login {
  inet_listener pop3 {
    port = ${pop3}
  }
  inet_listener pop3s {
    port = ${pop3s}
  }
}
service stats {
  unix_listener stats-writer {
    mode = 0666
  }
}
`

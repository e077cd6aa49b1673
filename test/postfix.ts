// A private Postfix for tests: its own folders, one port of 127.0.0.1, started and stopped by the id of its process. It takes
// mail for peer.example into a file, and passes all else to one host. Never touches the Postfix of the machine.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureCertificate } from '#/world/node/certificate.ts'
import { until } from './notice-rig.ts'
import { greets } from './wire-client.ts'

const daemons = '/usr/lib/postfix/sbin'
export const noPostfix: string | false = !existsSync(`${daemons}/master`)
  ? 'Postfix is not installed'
  : process.getuid?.() === 0
    ? false
    : 'Postfix starts for root only'

export type Postfix = AsyncDisposable & {
  readonly port: number
  /** What lies in the mailbox of bob@peer.example. */
  readonly box: () => string
  readonly log: () => string
}

const idOf = (kind: '-u' | '-g', name: string): number => Number(spawnSync('id', [kind, name]).stdout.toString())

/** `relayHost`: as Postfix writes it, `[127.0.0.1]:2525`. */
export async function postfix(port: number, relayHost: string): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'netcruiser-postfix-'))
  chmodSync(folder, 0o755)
  const { cert, key } = await ensureCertificate(folder, 'mx.peer.example')
  writeFileSync(join(folder, 'main.cf'), mainOf({ folder, relayHost, cert, key }))
  writeFileSync(join(folder, 'master.cf'), masterOf(port))
  writeFileSync(join(folder, 'boxes'), 'bob@peer.example bob\n')
  makeFolders(folder)
  const master = spawn(`${daemons}/master`, ['-c', folder, '-d'], { stdio: 'ignore' })
  await until(() => greets(port, '220'))
  const read = (name: string): string =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'latin1') : ''
  return {
    port,
    box: () => read('mail/bob'),
    log: () => read('log'),
    async [Symbol.asyncDispose]() {
      const ended = once(master, 'exit')
      master.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const queues = ['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'saved', 'trace']

function makeFolders(folder: string): void {
  const [user, group] = [idOf('-u', 'postfix'), idOf('-g', 'postfix')]
  const owned = [
    ...queues.map((name) => `queue/${name}`),
    'queue/private',
    'queue/public',
    'queue/maildrop',
    'data',
    'mail',
  ]
  mkdirSync(join(folder, 'queue/pid'), { recursive: true })
  for (const name of owned) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
    chownSync(join(folder, name), user, group)
  }
  for (const name of ['queue/public', 'queue/maildrop', 'queue/private']) chmodSync(join(folder, name), 0o755)
}

type Main = { readonly folder: string; readonly relayHost: string; readonly cert: string; readonly key: string }

const mainOf = ({ folder, relayHost, cert, key }: Main): string => `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = ${daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = ${folder}/log
maillog_file_prefixes = ${tmpdir()}
myhostname = mx.peer.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
relayhost = ${relayHost}
alias_maps =
virtual_mailbox_domains = peer.example
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = texthash:${folder}/boxes
virtual_uid_maps = static:${idOf('-u', 'postfix')}
virtual_gid_maps = static:${idOf('-g', 'postfix')}
smtpd_tls_security_level = may
smtpd_tls_cert_file = ${cert}
smtpd_tls_key_file = ${key}
smtpd_tls_received_header = yes
smtp_tls_security_level = may
`

const masterOf = (port: number): string => `127.0.0.1:${port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`

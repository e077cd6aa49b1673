// The unit of `netcruiser service` under a real systemd: installed as the guide says, used, stopped, killed. SEC-05, SEC-06
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { noSystemd, startSystemd, type Ran, type Systemd } from './systemd-rig.ts'

const data = '--data /var/lib/netcruiser'
const unit = '/etc/systemd/system/netcruiser.service'

type Run = (script: string, input?: string) => string

/** What a script says that must succeed. */
const succeeding =
  ({ run }: Systemd): Run =>
  (script, input) => {
    const { status, stdout, stderr }: Ran = run(script, input)
    assert.equal(status, 0, `${script}\n${stdout}${stderr}`)
    return stdout
  }

/** `systemctl start` returns before the server listens: it says "ready" to people only. */
async function served(systemd: Systemd): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    if (systemd.run(`./netcruiser status ${data} | grep -q 'Mail Server.*:25 '`).status === 0) return
    await wait(200)
  }
  assert.fail(systemd.run('journalctl -u netcruiser -o cat').stdout)
}

const fact = (run: Run, name: string): string => run(`systemctl show -P ${name} netcruiser`).trim()

async function installs(systemd: Systemd): Promise<void> {
  const run = succeeding(systemd)
  run('useradd --system --user-group --shell /usr/sbin/nologin netcruiser')
  run(`./netcruiser service > ${unit} && systemctl daemon-reload && systemctl enable --now netcruiser`)
  await served(systemd)
  assert.match(run('systemctl status netcruiser'), /Active: active \(running\)/)
  const said = run('journalctl -u netcruiser -o cat')
  assert.match(said, /http:\/\/127\.0\.0\.1:8025\/setup#/)
  assert.match(said, /netcruiser mailbox add ann .*--data \/var\/lib\/netcruiser /)
  assert.doesNotMatch(said, /Ctrl-C/)
}

function takesMail(systemd: Systemd): void {
  const run = succeeding(systemd)
  run(`./netcruiser mailbox add ann --pop3 --password-stdin ${data}`, 'secret\n')
  run(`./netcruiser domain add example.org --catch ann ${data}`)
  assert.match(
    run('node_modules/.bin/node test/systemd-mail.ts'),
    /^250 2\.0\.0 Stored[^]*^Subject: x\r\n[^]*^\+OK goodbye/m,
  )
}

function mayDoNothingElse(systemd: Systemd): void {
  const run = succeeding(systemd)
  const facts = run(`cat /proc/${fact(run, 'MainPID')}/status`)
  assert.match(facts, new RegExp(`^Uid:\\t${run('id -u netcruiser').trim()}\\t`, 'm'))
  for (const line of ['CapBnd:\t0000000000000400', 'CapEff:\t0000000000000400', 'NoNewPrivs:\t1', 'Seccomp:\t2'])
    assert.ok(facts.includes(`${line}\n`), line)
  const probe = '/opt/netcruiser/node_modules/.bin/node /opt/netcruiser/test/systemd-probe.ts'
  const changed = `s|^ExecStart=.*|ExecStart=${probe}|;s/^Type=.*/Type=oneshot/;s/^Restart=.*/Restart=no/`
  run(`systemctl stop netcruiser && sed '${changed}' ${unit} > /etc/systemd/system/probe.service`)
  run('systemctl daemon-reload && systemctl start probe && journalctl --sync')
  assert.deepEqual(run('journalctl -u probe -o cat _COMM=node-MainThread').trim().split('\n'), [
    'read shadow: no',
    'read a letter of ann: no',
    'list the home of root: no',
    'write to etc: no',
    'write to the program: no',
    'see the first process: no',
    'end the first process: no',
    'become root: no',
    'write to the mail: yes',
    'listen on port 25: yes',
  ])
  run('systemctl start netcruiser')
}

async function comesBack(systemd: Systemd): Promise<void> {
  const run = succeeding(systemd)
  await served(systemd)
  const before = fact(run, 'MainPID')
  run('systemctl kill -s KILL --kill-who=main netcruiser')
  await wait(2_000) // RestartSec
  await served(systemd)
  assert.equal(fact(run, 'NRestarts'), '1')
  assert.notEqual(fact(run, 'MainPID'), before)
  assert.match(run(`./netcruiser message list ann ${data}`), /^1 messages, /m)
}

async function stopsAndIsWorkedOn(systemd: Systemd): Promise<void> {
  const run = succeeding(systemd)
  run('systemctl stop netcruiser')
  assert.deepEqual(
    ['ActiveState', 'Result', 'ExecMainCode', 'ExecMainStatus'].map((name) => fact(run, name)),
    ['inactive', 'success', '1', '0'], // 1: it exited by itself
  )
  run(`./netcruiser mailbox add bob ${data}`)
  run(`./netcruiser compact ${data}`)
  assert.equal(run('find /var/lib/netcruiser/ ! -user netcruiser'), '')
  run('systemctl restart netcruiser')
  await served(systemd)
  assert.match(run(`./netcruiser mailbox list ${data}`), /^bob /m)
}

async function writesWhereItIsTold(systemd: Systemd): Promise<void> {
  const run = succeeding(systemd)
  run(
    `install -d -o netcruiser -g netcruiser /srv/backup && ./netcruiser settings set backup.folder /srv/backup ${data}`,
  )
  assert.match(
    systemd.run(`./netcruiser backup create ${data}`).stderr,
    /srv\/backup\S* is read-only .* ReadWritePaths/,
  )
  run(`mkdir ${unit}.d && printf '[Service]\nReadWritePaths=/srv/backup\n' > ${unit}.d/override.conf`)
  run('systemctl daemon-reload && systemctl restart netcruiser')
  await served(systemd)
  assert.match(run(`./netcruiser backup create ${data}`), /all is well/)
}

const steps: readonly (readonly [name: string, step: (systemd: Systemd) => void | Promise<void>])[] = [
  ['SEC-06 the unit is installed as the guide says, and the server runs', installs],
  ['SEC-05 mail comes in by port 25 and goes out by port 110', takesMail],
  ['SEC-06 its process may do what a mail server does, and nothing else', mayDoNothingElse],
  ['SEC-05 one that is killed is started again, and has its mail', comesBack],
  ['SEC-05 it stops cleanly, and root works on what is stopped', stopsAndIsWorkedOn],
  ['SEC-06 one more folder to write to is named in an addition to the unit', writesWhereItIsTold],
]

test('the unit under systemd', { skip: noSystemd(), timeout: 90_000 }, async (t) => {
  await using systemd = await startSystemd()
  for (const [name, step] of steps) {
    let isDone = false
    await t.test(name, async () => {
      await step(systemd)
      isDone = true
    })
    if (!isDone) return // the next one needs what this one made
  }
})

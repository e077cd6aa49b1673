// Mail from the command line: `send`, `send raw`, and what programs expect of sendmail; on a stopped server and on one whose
// relay delivers to a receiver on the loopback.
import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseSendmail } from '#/cli/sendmail.ts'
import type { Sent } from '#/operations/send.ts'
import { operationsRig, type Operations } from './operations-rig.ts'
import { Receiver } from './receiver.ts'
import { cli, dataFolder, start } from './serve.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const raw = async (rig: Operations, text: string, more: object = {}): Promise<Sent> =>
  (await rig.run('send.raw', { base64: base64(text), defaultFrom: 'ann', fromHeader: true, ...more })) as Sent
async function contentOf(rig: Operations, key: string): Promise<string> {
  const [row] = await rig.store.queue.ofMessage(key)
  const content = await rig.store.queue.content(row!)
  assert.ok(content instanceof Uint8Array)
  return Buffer.from(content).toString('latin1')
}

test('SE-01 recipients here have their mail at once, without a relay, and the others are queued', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const sent = (await rig.run('send', {
    from: 'Ann <ann>',
    to: ['ann', '"B, Bob" <bob@far.example>', 'bob@FAR.example'],
    subject: 'Grüße',
    text: 'hi',
  })) as Sent
  assert.deepEqual([sent.storedIn, sent.queuedFor, sent.refused], [['ann'], ['bob@far.example'], []])
  const content = await contentOf(rig, sent.key!)
  assert.match(content, /^From: Ann <ann@mx\.example\.net>\r\nTo: ann@mx\.example\.net, "B, Bob" <bob@far\.example>,/)
  assert.match(content, /\r\nDate: .*\r\nMessage-ID: <[^>]+@mx\.example\.net>\r\nMIME-Version: 1\.0\r\n/i) // SE-03
  assert.match(content, /\r\nSubject: =\?utf-8\?/i)
  assert.equal((await rig.store.mailboxes())[0]!.messages, 1)
})

test('SE-02 the recipients of a written message are those of To, Cc and Bcc, and nobody sees Bcc', async () => {
  await using rig = await operationsRig()
  const sent = await raw(
    rig,
    'To: bob@far.example\nCc: cyd@far.example,\n bob@far.example\nBcc:\n dan@far.example\n\nhi\n',
  )
  assert.deepEqual(sent.queuedFor, ['bob@far.example', 'cyd@far.example', 'dan@far.example'])
  const content = await contentOf(rig, sent.key!)
  assert.doesNotMatch(content, /bcc|dan@/i)
  assert.match(content, /\r\nFrom: ann@mx\.example\.net\r\n|^From: ann@mx\.example\.net\r\n/)
  assert.equal((await rig.store.queue.ofMessage(sent.key!))[0]!.from?.local, 'ann')
})

test('SE-03 a line end in a subject is refused, and so is a message to nobody or one that is too large', async () => {
  await using rig = await operationsRig()
  const to = ['bob@far.example']
  await assert.rejects(rig.run('send', { from: 'ann', to, subject: 'a\r\nBcc: x@y.example' }), /line end/)
  await assert.rejects(rig.run('send', { from: 'ann', subject: 'a' }), /Nobody is named/)
  await assert.rejects(raw(rig, 'Subject: x\n\n'), /Nobody is named/)
  await assert.rejects(raw(rig, 'To: "bob\n\n'), /not sent: .*left open/)
  await rig.run('settings.set', { name: 'mailServer.messageBytesMax', value: 65_536 })
  await assert.rejects(rig.run('send', { from: 'ann', to, text: 'x'.repeat(70_000) }), /too large/)
})

test('one recipient refused: nobody gets it', async () => {
  await using rig = await operationsRig()
  const sent = await raw(rig, 'To: bob@far.example, nobody@mx.example.net\n\nhi\n')
  assert.equal(sent.key, null)
  assert.deepEqual(sent.refused, [
    { to: 'nobody@mx.example.net', because: 'There is no mailbox nobody@mx.example.net here' },
  ])
  assert.deepEqual(await rig.run('queue.list'), [])
})

test('SE-07 mail for later waits in the queue, for recipients here too, and can be taken back until then', async () => {
  await using rig = await operationsRig()
  await rig.run('mailbox.add', { name: 'ann' })
  const sent = (await rig.run('send', { from: 'ann', to: ['ann', 'bob@far.example'], undoMs: 60_000 })) as Sent
  assert.deepEqual([sent.storedIn, sent.queuedFor.length], [[], 2])
  const [row] = await rig.store.queue.ofMessage(sent.key!)
  assert.deepEqual([row!.dueAt, row!.memo.laterAt], [sent.laterAt, sent.laterAt])
  assert.ok(sent.laterAt! > row!.acceptedAt + 59_000)
  await rig.run('queue.drop', { what: sent.key, yes: true })
  assert.deepEqual(await rig.run('queue.list'), [])
})

const spoken: readonly [argv: string, expected: object | RegExp][] = [
  ['-t', { fromHeader: true, dotEnds: true, recipients: [] }],
  ['-ti', { fromHeader: true, dotEnds: false }],
  ['-oi -f ann@a.example bob@b.example', { from: 'ann@a.example', dotEnds: false, recipients: ['bob@b.example'] }],
  ['-fann@a.example -- -x@b.example', { from: 'ann@a.example', recipients: ['-x@b.example'] }],
  ['-i -F Ann -odb -oem -bm -B 8BITMIME -N never bob', { fromHeader: false, recipients: ['bob'] }],
  ['-O DeliveryMode=b -v bob', { recipients: ['bob'] }],
  ['-f <> bob --data /x', { from: '<>', folder: '/x', recipients: ['bob'] }],
  ['', /name recipients/],
  ['-bs', /not what/],
  ['-q', /not what/],
]

test('SE-08 the options of sendmail mean what programs expect', () => {
  for (const [argv, expected] of spoken) {
    const parsed = parseSendmail(
      argv.split(' ').filter((word) => word !== ''),
      'data',
    )
    if (expected instanceof RegExp) assert.match(JSON.stringify(parsed), expected, argv)
    else assert.partialDeepStrictEqual(parsed, expected, argv)
  }
})

function sendmail(data: string, args: readonly string[], input: string): { status: number | null; stderr: string } {
  const env = { ...process.env, NETCRUISER_DATA: data }
  return spawnSync('bin/sendmail', args, { input, env, encoding: 'utf8', timeout: 60_000 })
}

test('SE-08 bin/sendmail ends a message at a dot, says nothing when it is queued, and otherwise exits as programs know it', () => {
  using folder = dataFolder()
  const queued = sendmail(folder.path, ['-f', 'ann@a.example', 'bob@b.example'], 'Subject: x\n\nhi\n.\nmore\n')
  assert.deepEqual([queued.status, queued.stderr], [0, ''])
  assert.match(cli(folder.path, ['queue', 'show', 'bob@b.example']).stdout, /from <ann@a\.example> to bob@b\.example/)
  assert.equal(sendmail(folder.path, ['nobody'], 'hi\n').status, 67)
  assert.equal(sendmail(folder.path, ['a b@c.example'], 'hi\n').status, 65)
  assert.equal(sendmail(folder.path, ['-bs'], 'hi\n').status, 64)
  writeFileSync(join(folder.path, 'file'), '')
  assert.equal(sendmail(join(folder.path, 'file'), ['bob@b.example'], 'hi\n').status, 75)
})

async function until(what: string, is: () => boolean): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (is()) return
    await wait(100)
  }
  assert.fail(`not within 10 s: ${what}`)
}

test('QU-13 mail waits until it is asked for, and then goes', async (t) => {
  await using far = await Receiver.open()
  const run = await lab(t, far)
  run(['settings', 'set', 'mailRelay.sendWhen', 'asked'])
  run(['send', '--to', 'bob@far.example', '--text', 'one'])
  run(['send', '--to', 'bob@far.example', '--text', 'two', '--at', '1d'])
  await wait(1000)
  assert.equal(far.connections, 0)
  assert.match(run(['queue', 'list']).stdout, / queue flush\n.* its time\n/)
  run(['queue', 'flush'])
  await until('the delivery', () => far.ledger.length === 1)
  run(['send', '--to', 'bob@far.example', '--text', 'three'])
  await until('the next one, while the line is up', () => far.ledger.length === 2)
  assert.match(run(['queue', 'summary']).stdout, /^1 wait /)
})

async function lab(t: TestContext, far: Receiver) {
  const folder = dataFolder()
  for (const args of [
    ['mailbox', 'add', 'ann'],
    ['alternate', 'add', 'lab', `127.0.0.1:${far.port}`, '--tls', 'opportunistic'],
    ['settings', 'set', 'mailRelay.alternate', 'lab'],
    ['settings', 'set', 'mailRelay.mx', 'false'],
    ['settings', 'set', 'mailRelay.allowPrivateTargets', 'true'],
    ['settings', 'set', 'server.hostname', 'us.example'],
  ])
    assert.equal(cli(folder.path, args).status, 0, args.join(' '))
  const server = await start(folder.path, ['smtp'])
  t.after(async () => {
    await server.stop()
    folder[Symbol.dispose]()
  })
  return (args: readonly string[]) => {
    const ran = cli(folder.path, args)
    assert.equal(ran.stderr, '', args.join(' '))
    return ran
  }
}

test('QU-11, QU-12 what a rule holds goes out when it is released, and by another way when that is chosen', async (t) => {
  await using far = await Receiver.open({ script: { mail: { say: '450 4.7.0 not now' } } })
  await using other = await Receiver.open()
  const run = await lab(t, far)
  run(['alternate', 'add', 'other', `127.0.0.1:${other.port}`, '--tls', 'opportunistic'])
  run(['settings', 'set', 'mailRelay.holdRules', '["to:far.example"]'])
  run(['send', '--to', 'bob@far.example', '--text', 'x'])
  await until('the hold', () => run(['queue', 'list']).stdout.includes('hold rule to:far.example (rule)'))
  assert.throws(() => run(['queue', 'show', '01m3kq8x2c5f0a9b7d4e6g8h1j']), /No such message in the queue/)
  run(['queue', 'release', 'bob@'])
  await until('the attempt', () => run(['queue', 'list']).stdout.includes('450 4.7.0 not now'))
  assert.equal(far.heard.filter((line) => line.startsWith('MAIL')).length, 1)
  run(['queue', 'reroute', 'bob@', '--by', 'alternate:other'])
  await until('the delivery', () => other.ledger.length === 1)
  await until('the end', () => run(['queue', 'list', '--finished']).stdout.includes('delivered'))
  assert.match(run(['trace', 'bob@']).stdout, /through the alternate server other \(chosen by hand\)/)
  run(['send', '--to', 'eve@far.example', '--text', 'x'])
  await until('the hold', () => run(['queue', 'list']).stdout.includes('hold rule to:far.example (rule)'))
  assert.match(run(['queue', 'reroute', 'eve@', '--by', 'mx']).stdout, /^1 delivery is still held, to go that way once/)
})

test('SE-01, QU-11 on a running server mail is sent, taken back, held, released, and its story is told in words', async (t) => {
  await using far = await Receiver.open({
    script: { rcpt: (line) => (line.includes('later@') ? { say: '450 4.2.0 come back' } : undefined) },
  })
  const run = await lab(t, far)
  const said = run([
    'send',
    '--to',
    'bob@far.example',
    '--subject',
    'Hello',
    '--text',
    'one',
    '--attach',
    'package.json',
  ])
  assert.match(said.stdout, /^queued as ([0-9a-z]{26}); see netcruiser trace \1\n$/)
  await until('the first delivery', () => far.ledger.length === 1)
  assert.match(far.ledger[0]!.octets, /Subject: Hello\r\n[^]*filename="?package\.json/)
  const key = /queued as (\S+);/.exec(said.stdout)![1]!
  await until('the story', () => run(['trace', key]).stdout.includes('delivered'))
  assert.match(
    run(['trace', key]).stdout,
    /by 127\.0\.0\.1 \[127\.0\.0\.1\]:\d+ without TLS; it said: 250 2\.0\.0 taken/,
  )
  assert.match(run(['trace', key]).stdout, /attempt 1, through the alternate server lab \(the default routes\)/)

  run(['send', '--to', 'later@far.example', '--text', 'two'])
  await until('the first refusal', () => run(['queue', 'list']).stdout.includes('450 4.2.0 come back'))
  assert.match(
    run(['trace', 'later@far.example']).stdout,
    /not delivered yet[^]*next attempt: \d{4}-.*\(in \d+ minutes?\)/,
  )
  assert.match(run(['queue', 'hold', 'later@', '--why', 'asks first']).stdout, /^1 delivery is held\.\n/)
  assert.match(run(['queue', 'list']).stdout, /held.*when released.*asks first \(command line\)/)
  run(['queue', 'release', 'later@'])
  await until('the second refusal', () => run(['queue', 'list']).stdout.includes('waiting  2 '))

  const undo = run(['send', '--to', 'bob@far.example', '--text', 'no', '--undo-seconds', '600']).stdout
  const taken = run(['send', 'cancel', /queued as (\S+?);/.exec(undo)![1]!])
  assert.equal(taken.stdout, 'Taken back for 1 recipient.\n')
  assert.match(run(['queue', 'bounce', 'later@']).stdout, /1 delivery is sent back/)
  assert.match(run(['queue', 'list']).stdout, /^Nothing waits/)
  assert.equal(far.ledger.length, 1)
})

test('with --json the exit code says as well that something was refused', () => {
  using folder = dataFolder()
  const asked = ['settings', 'test', 'relay', '--alternate', 'smart']
  cli(folder.path, ['alternate', 'add', 'smart', '127.0.0.1:1', '--tls', 'none'])
  for (const args of [asked, [...asked, '--json']]) assert.equal(cli(folder.path, args).status, 1)
})

// What senders are told, when, and what they are never told: a whole server, a scripted receiver, notices read by Python.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from '#/cli/call.ts'
import { startTestServer, zoneOf, type TestServer } from '#/dns/test-server.ts'
import { host, readNotices, until, type Host, type HostOptions, type Told } from './notice-rig.ts'
import { Receiver, type Move, type ReceiverOptions } from './receiver.ts'

const hourMs = 3_600_000
const zone = zoneOf('far.example MX 10 mx.far.example', 'mx.far.example A 127.0.0.1')
type Lab = AsyncDisposable & { readonly us: Host; readonly far: Receiver; readonly dns: TestServer }

async function lab(receiver: ReceiverOptions = {}, options: Partial<HostOptions> = {}): Promise<Lab> {
  const dns = await startTestServer(zone)
  const far = await Receiver.open(receiver)
  const us = await host({ dns: dns.address, mxPort: far.port, ...options })
  return {
    us,
    far,
    dns,
    async [Symbol.asyncDispose]() {
      await us[Symbol.asyncDispose]()
      await far[Symbol.asyncDispose]()
      await dns[Symbol.asyncDispose]()
    },
  }
}

/** The answer to each RCPT by the local part: `no…` is refused for good, `later…` for now. */
const rcpt = (line: string): Move | undefined => {
  if (line.includes('<no')) return { say: '550 5.1.1 no such user' }
  return line.includes('<later') ? { say: '450 4.2.1 come again' } : undefined
}
const told = async (us: Host, name = 'ann'): Promise<Told[]> => readNotices(await us.mailbox(name))
/** `failed bob@far.example 5.1.1` for each recipient of a notice. */
const shown = ({ report }: Told): string[] =>
  report.slice(1).map((one) => {
    const recipient = one.get('Final-Recipient')!.replace('rfc822;', '').trim()
    return `${one.get('Action')} ${recipient} ${one.get('Status')}`
  })
const waiting = (us: Host, count = 1) =>
  until(async () => {
    const rows = await us.queue()
    return rows.length === count && rows.every(({ state, attempts }) => state === 'waiting' && attempts > 0)
  })
/** So many attempts are over, and nothing is to be done now. */
const tried = (us: Host, times: number) =>
  until(async () => {
    const rows = await us.queue()
    return rows.every((row) => row.attempts >= times && row.state === 'waiting' && row.dueAt > us.now())
  })

test('DS-01, DS-03, DS-08, DL-05: a failure comes into the mailbox of the envelope sender, in the words of the host', async () => {
  await using l = await lab({ script: { rcpt } })
  await l.us.submit({ to: ['no@far.example'], header: ['From: boss@far.example', 'Reply-To: other@far.example'] })
  await l.us.idle()
  const [notice] = await told(l.us)
  assert.equal(notice!.top.get('Return-Path'), '<>')
  assert.equal(notice!.top.get('From'), 'Mail Delivery System <MAILER-DAEMON@mx.example.org>')
  assert.equal(notice!.top.get('In-Reply-To'), '<m1@example.org>')
  assert.equal(notice!.top.get('Auto-Submitted'), 'auto-replied')
  assert.deepEqual(shown(notice!), ['failed no@far.example 5.1.1'])
  assert.equal(notice!.report[1]!.get('Diagnostic-Code'), 'smtp; 550 5.1.1 no such user')
  assert.match(notice!.text, /mx\.far\.example said:\r\n {6}550 5\.1\.1 no such user/)
  assert.equal(l.far.heard.filter((line) => line.startsWith('MAIL')).length, 1) // the notice took no way outside
})

test('DS-05: who fails together is told of together, later failures by themselves, who got it never', async () => {
  let wave = 0
  const both = (line: string): Move | undefined => (wave > 0 && line.includes('<later') ? rcpt('<no') : rcpt(line))
  await using l = await lab({ script: { rcpt: both } })
  await l.us.submit({ to: ['bob@far.example', 'no1@far.example', 'no2@far.example', 'later@far.example'] })
  await until(async () => (await l.us.mailbox('ann')).length === 1)
  await waiting(l.us)
  wave++
  l.us.later(hourMs)
  await l.us.idle()
  assert.deepEqual((await told(l.us)).map(shown), [
    ['failed no1@far.example 5.1.1', 'failed no2@far.example 5.1.1'],
    ['failed later@far.example 5.1.1'],
  ])
  assert.equal(l.far.ledger.length, 1)
})

for (const copies of [false, true])
  test(`DS-02, LOOP-01, LOOP-05: the failure of a notice is written down${copies ? ', and shown to the postmaster' : ' and told to nobody'}`, async () => {
    await using l = await lab({ script: { rcpt } }, { relay: [`postmasterCopies = ${copies}`] })
    await l.us.submit({ from: '', to: ['no@far.example'] })
    await l.us.submit({ from: 'nobody@far.example', to: ['no@far.example'] }) // and our notice to nobody@ fails as well
    await until(async () => (await l.us.trace('failed')).length === 3)
    await l.us.idle()
    assert.deepEqual(await l.us.mailbox('ann'), [])
    const admin = (await told(l.us, 'admin')).flatMap(shown).toSorted()
    const all = ['failed no@far.example 5.1.1', 'failed no@far.example 5.1.1', 'failed nobody@far.example 5.1.1']
    assert.deepEqual(admin, copies ? all : [])
    assert.equal(l.far.heard.filter((line) => line === 'MAIL FROM:<> BODY=8BITMIME').length, 0)
    const notified = await l.us.trace('notified')
    assert.equal(notified.filter(({ to }) => to.includes('nobody@far.example')).length, 1)
  })

test('DS-06, AD-14: a stranger never hears of where an address leads; its owner does', async () => {
  const list = '[[address]]\naddress = "list@example.org"\ntargets = ["ann", "nosecret@far.example"]\n'
  await using l = await lab({ script: { rcpt } }, { world: list })
  assert.match(await l.us.submit({ from: 'x@far.example', to: ['list@example.org'] }), /^250 2\.0\.0 Stored and queued/)
  await l.us.idle()
  const [copy, ...notices] = await l.us.mailbox('ann')
  assert.match(copy!, /^Return-Path: <x@far\.example>\r\n/) // the copy is kept
  assert.deepEqual(readNotices(notices).map(shown), [['failed nosecret@far.example 5.1.1']])
  const [mail] = l.far.heard.filter((line) => line.startsWith('MAIL'))
  assert.match(mail!, /^MAIL FROM:<SRS0=[a-z0-9]{5}=[a-z0-9]{2}=far\.example=x@mx\.example\.org>/)
  assert.equal(l.far.heard.filter((line) => line.startsWith('MAIL')).length, 1)
})

test('AD-14: mail of our own to an address that leads outside tells its sender nothing of the target either', async () => {
  const list = '[[address]]\naddress = "me@example.org"\ntargets = ["nosecret@far.example"]\n'
  await using l = await lab({ script: { rcpt } }, { world: list })
  await l.us.submit({ to: ['me@example.org'] })
  const letter = { from: 'ann@example.org', to: ['me@example.org'], subject: 'x', text: 'y' }
  await call(l.us.running.folder, { name: 'send', parameters: letter })
  await l.us.submit({ from: 'me@example.org', to: ['no@far.example'] }) // its notice goes to me@, and fails
  await until(async () => (await l.us.trace('failed')).length === 4)
  await l.us.idle()
  assert.deepEqual(await l.us.mailbox('ann'), [])
  const failed = 'failed nosecret@far.example 5.1.1'
  assert.deepEqual((await told(l.us, 'admin')).flatMap(shown), [failed, failed])
})

test('AD-14: a bounce to a rewritten sender comes to the postmaster here, and a made-up one is refused', async () => {
  const list = '[[address]]\naddress = "away@example.org"\ntargets = ["bob@far.example"]\n'
  await using l = await lab({}, { world: list })
  await l.us.submit({ from: 'x@far.example', to: ['away@example.org'] })
  await l.us.idle()
  const sender = /<(.*)>/.exec(l.far.ledger[0]!.mail)![1]!
  assert.match(await l.us.submit({ from: '', to: [sender], body: 'bounce' }), /^250 /)
  const [kept] = await l.us.mailbox('admin')
  assert.match(kept!, /\r\n\r\nbounce\r\n$/)
  const forged = sender.replace(/=.*?=/, '=aaaaa=')
  assert.match(await l.us.submit({ from: '', to: [forged] }), /^RCPT TO:.*: 550 /)
})

test('DS-07, HDR-07: a notice holds no password, no token and no path of this machine', async () => {
  const auth = () => () => '235 2.7.0 ok'
  const extensions = ['AUTH PLAIN']
  await using far = await Receiver.open({ script: { rcpt }, auth, extensions })
  await using dns = await startTestServer(zone)
  const smart = `[[alternate]]\nname = "smart"\nhosts = ["127.0.0.1:${far.port}"]\ntls = "none"\nuser = "ann"\npassword = "hush-hush"\nplainAuthAllowed = true\n`
  await using us = await host({ dns: dns.address, relay: ['mx = false', 'alternate = "smart"'], world: smart })
  await us.submit({ to: ['no@far.example'], parameters: 'RET=FULL' })
  await us.idle()
  assert.ok(far.heard.some((line) => line.startsWith('AUTH PLAIN'))) // it was used
  const [text] = await us.mailbox('ann')
  for (const secret of ['hush-hush', Buffer.from('\0ann\0hush-hush').toString('base64'), us.running.folder])
    assert.ok(!text!.includes(secret), secret)
})

const sizes: readonly [parameters: string, bytes: number, whole: boolean][] = [
  ['RET=FULL', 1000, true],
  ['RET=HDRS', 1000, false],
  ['', 1000, false],
  ['RET=FULL', 60_000, false],
]
for (const [parameters, bytes, whole] of sizes)
  test(`DS-09, LOOP-09: ${parameters || 'no RET'} and ${bytes} octets give back ${whole ? 'all' : 'the header'}`, async () => {
    await using l = await lab({ script: { rcpt } })
    const body = `${'x'.repeat(70)}\r\n`.repeat(bytes / 72)
    await l.us.submit({ to: ['no@far.example'], parameters, body: `the-body\r\n${body}` })
    await l.us.idle()
    const [text] = await l.us.mailbox('ann')
    assert.equal(text!.includes('the-body'), whole)
    assert.ok(text!.includes('Subject: lunch'))
    assert.equal((await told(l.us)).length, 1)
  })

const plainHop = ['PIPELINING', '8BITMIME']
const dsnHop = [...plainHop, 'DSN']
const asked: readonly [to: string, extensions: readonly string[], notices: string[]][] = [
  ['no@far.example NOTIFY=NEVER', dsnHop, []],
  ['no@far.example NOTIFY=SUCCESS', dsnHop, []],
  ['no@far.example NOTIFY=DELAY', plainHop, []],
  ['no@far.example NOTIFY=FAILURE,SUCCESS', plainHop, ['failed no@far.example 5.1.1']],
  ['bob@far.example NOTIFY=SUCCESS', plainHop, ['relayed bob@far.example 2.0.0']],
  ['bob@far.example NOTIFY=SUCCESS', dsnHop, []], // the next one tells
  ['bob@far.example NOTIFY=NEVER', plainHop, []],
  ['bob@far.example', plainHop, []],
  ['admin@example.org NOTIFY=SUCCESS', dsnHop, ['delivered admin@example.org 2.0.0']],
  ['admin@example.org NOTIFY=FAILURE,DELAY', dsnHop, []],
  ['admin@example.org NOTIFY=NEVER', dsnHop, []],
]
for (const [to, extensions, notices] of asked)
  test(`DS-10, LOOP-09: ${to}, next hop ${extensions === dsnHop ? 'with' : 'without'} DSN: ${notices.join() || 'no notice'}`, async () => {
    await using l = await lab({ script: { rcpt }, extensions })
    assert.match(
      await l.us.submit({ to: [`${to} ORCPT=rfc822;Some+2BOne@x.example`], parameters: 'ENVID=q+2B1' }),
      /^250/,
    )
    await l.us.idle()
    const all = await told(l.us)
    assert.deepEqual(all.flatMap(shown), notices)
    for (const { report } of all) {
      assert.equal(report[0]!.get('Original-Envelope-Id'), 'q+1')
      assert.equal(report[1]!.get('Original-Recipient'), 'rfc822;Some+One@x.example')
    }
  })

test('DS-10: what was asked is passed on to a host with DSN, in xtext as it came', async () => {
  await using l = await lab({ extensions: dsnHop })
  await l.us.submit({
    to: ['bob@far.example NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Some+2BOne@x.example', 'cyd@far.example NOTIFY=NEVER'],
    parameters: 'RET=HDRS ENVID=q+2B1',
  })
  await l.us.idle()
  assert.match(l.far.ledger[0]!.mail, / RET=HDRS ENVID=q\+2B1/)
  const [bob, cyd] = l.far.ledger[0]!.rcpts
  assert.match(bob!, / NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;Some\+2BOne@x\.example$/)
  assert.match(cyd!, / NOTIFY=NEVER/)
})

test('DS-10: over a mapping ORCPT is kept, success is told here, and the next host is not asked to tell it again', async () => {
  const list = '[[address]]\naddress = "away@example.org"\ntargets = ["bob@far.example"]\n'
  await using l = await lab({ extensions: dsnHop }, { world: list })
  await l.us.submit({ to: ['away@example.org NOTIFY=SUCCESS ORCPT=rfc822;first@x.example'] })
  await l.us.submit({ to: ['away@example.org NOTIFY=NEVER'] })
  await l.us.idle()
  assert.deepEqual((await told(l.us)).map(shown), [['delivered away@example.org 2.0.0']])
  const rcpts = l.far.ledger.flatMap((taken) => taken.rcpts).toSorted()
  assert.deepEqual(rcpts, [
    'RCPT TO:<bob@far.example> NOTIFY=NEVER',
    'RCPT TO:<bob@far.example> ORCPT=rfc822;first@x.example',
  ])
})

test('DS-10: success that cannot be told, to a sender who is nobody here, keeps no message out', async () => {
  await using l = await lab()
  const said = await l.us.submit({ from: 'ghost@example.org', to: ['ann@example.org NOTIFY=SUCCESS'] })
  assert.match(said, /^250 2\.0\.0 Stored as /)
  assert.equal((await l.us.mailbox('ann')).length, 1)
  assert.deepEqual([await l.us.trace('notified'), await l.us.queue()], [[], []])
})

test('DS-11: failure notices can be switched off; the failure is in the trace and in the queue all the same', async () => {
  await using l = await lab({ script: { rcpt } }, { relay: ['sendFailureNotices = false'] })
  await l.us.submit({ to: ['no@far.example'] })
  await l.us.idle()
  assert.deepEqual(await l.us.mailbox('ann'), [])
  const [event] = await l.us.trace('failed')
  assert.match(String(event!.detail['reply']), /^550 5\.1\.1 no such user/)
  const finished = await l.us.running.store.queue.find({ states: ['failed'], limit: 10 })
  assert.deepEqual(
    finished.map(({ to, lastReply }) => [to.local, lastReply?.code]),
    [['no', 550]],
  )
})

const patience = ['retryDelaysMs = [7200000]', 'jitterShare = 0', 'delayNoticeMs = 3600000', 'lifetimeMs = 86400000']

test('DL-01, DL-03, LOOP-10: told once when the hour has come, though the next attempt is later', async () => {
  await using l = await lab({ script: { rcpt } }, { relay: patience })
  await l.us.submit({ to: ['later1@far.example', 'later2@far.example', 'bob@far.example'], header: ['X-A: b'] })
  await waiting(l.us, 2)
  l.us.later(hourMs + 1000)
  await until(async () => (await l.us.mailbox('ann')).length === 1)
  assert.equal(l.far.connections, 1) // nobody was called for it
  l.us.later(hourMs) // the second attempt, and more
  await tried(l.us, 2)
  l.us.later(2 * hourMs)
  await tried(l.us, 3)
  const notices = await told(l.us)
  assert.deepEqual(notices.map(shown), [['delayed later1@far.example 4.2.1', 'delayed later2@far.example 4.2.1']])
  const [{ top, text, report }] = notices as [Told]
  assert.equal(top.has('X-Failed-Recipients'), false)
  assert.match(text.split('\r\n')[2]!, /^You need not send it again/)
  const until_ = Date.parse(report[1]!.get('Will-Retry-Until')!) - Date.parse(report[0]!.get('Arrival-Date')!)
  assert.equal(until_, 24 * hourMs)
})

test('DL-01: recipients that wait from the start of an hour that is changed meanwhile are told by the new one', async () => {
  await using l = await lab({ script: { rcpt } }, { relay: [...patience, 'sendDelayNotices = false'] })
  await l.us.submit({ to: ['later@far.example'] })
  await waiting(l.us)
  l.us.later(90 * 60_000)
  const set = { name: 'settings.set', parameters: { name: 'mailRelay.sendDelayNotices', value: true } }
  await call(l.us.running.folder, set)
  await until(async () => (await l.us.mailbox('ann')).length === 1)
})

const untold: readonly [what: string, letter: { from?: string; header?: string[] }, notify: string][] = [
  ['a message without sender', { from: '' }, ''],
  ['NOTIFY=FAILURE', {}, ' NOTIFY=FAILURE'],
  ['NOTIFY=NEVER', {}, ' NOTIFY=NEVER'],
  ['List-Id', { header: ['List-Id: <news.example.org>'] }, ''],
  ['Precedence: bulk', { header: ['Precedence: bulk'] }, ''],
]
test('DL-02: who must not hear of a delay does not', async (t) => {
  await using l = await lab({ script: { rcpt } }, { relay: patience })
  for (const [, letter, notify] of untold) await l.us.submit({ ...letter, to: [`later@far.example${notify}`] })
  await l.us.submit({ to: ['later@far.example NOTIFY=DELAY'], header: ['Precedence: bulk', 'Subject: asked'] })
  await waiting(l.us, untold.length + 1)
  l.us.later(hourMs + 1000)
  await until(async () => (await l.us.mailbox('ann')).length > 0)
  l.us.later(hourMs)
  await tried(l.us, 2)
  const notices = await told(l.us)
  await t.test('one that asked for it is told, even of bulk mail', () => assert.equal(notices.length, 1))
  for (const [what] of untold) await t.test(what, () => assert.match(notices[0]!.returned, /^Subject: asked/m))
  await t.test('DL-02: at the end of its time each has one failure notice', async () => {
    for (let n = 3; n <= 6; n++) {
      l.us.later(12 * hourMs)
      await tried(l.us, n)
    }
    await l.us.idle()
    const kinds = (await told(l.us)).flatMap(shown).map((line) => line.split(' ')[0]!)
    assert.deepEqual(kinds.toSorted(), ['delayed', 'failed', 'failed', 'failed'])
  })
})

for (const confirmLate of [true, false])
  test(`DL-04: who was told of a delay hears of the arrival ${confirmLate ? 'when that is wanted' : 'only when that is wanted'}`, async () => {
    let open = false
    const gate = (line: string): Move | undefined => (open ? undefined : rcpt(line))
    await using l = await lab({ script: { rcpt: gate } }, { relay: [...patience, `confirmLate = ${confirmLate}`] })
    await l.us.submit({ to: ['later@far.example'] })
    await waiting(l.us)
    l.us.later(hourMs + 1000)
    await until(async () => (await l.us.mailbox('ann')).length === 1)
    open = true
    await l.us.submit({ to: ['later2@far.example'] }) // not delayed: nothing to tell
    await until(async () => (await l.us.queue()).length === 1)
    l.us.later(hourMs)
    await l.us.idle()
    const late = (await told(l.us)).slice(1).flatMap(shown)
    assert.deepEqual(late, confirmLate ? ['delivered later@far.example 2.0.0'] : [])
  })

const hostile: readonly [what: string, say: string][] = [
  ['header fields', '550-5.1.1 x\r\n550-Subject: gone\r\n550 Bcc: victim@far.example'],
  ['a MIME boundary', '550-5.1.1 x\r\n550---b--\r\n550 Content-Type: text/html'],
  ['escapes and 8-bit octets', '550 5.1.1 \x1b[2J\x07\xe9\xff\x80 \t tab'],
  ['a very long line', `550 5.1.1 ${'x'.repeat(2000)}`],
  ['many lines', `${'550-5.1.1 many\r\n'.repeat(300)}550 5.1.1 end`],
]
for (const [what, say] of hostile)
  test(`HDR-06, OUT-03: a reply with ${what} makes no part, no field and no line of its own`, async () => {
    await using l = await lab({ script: { rcpt: { say } } })
    const subject = `Subject: =?utf-8?q?x=0D=0ABcc:_victim@far.example?= ${'y'.repeat(600)}`
    const said = await l.us.submit({ to: ['bob@far.example ORCPT=rfc822;a+20Status:+202.0.0'], header: [subject] })
    assert.match(said, /^250 /)
    await until(async () => (await l.us.mailbox('ann')).length === 1 || (await l.us.trace('deferred')).length > 0)
    const notices = await told(l.us)
    for (const { top, report } of notices) {
      assert.equal(report.length, 2)
      assert.deepEqual([top.get('Subject'), top.has('Bcc')], ['Your message could not be delivered', false])
      assert.deepEqual([report[1]!.get('Status'), report[1]!.has('Bcc')], ['5.1.1', false])
    }
    for (const text of await l.us.mailbox('ann')) {
      assert.ok(text.split('\r\n').every((line) => line.length <= 998))
      assert.match(text.replaceAll('\r\n', ''), /^[\t\x20-\x7e\x80-\xff]*$/)
    }
    assert.ok(notices.length === 1 || what === 'a very long line' || what === 'many lines', what)
  })

test('HDR-11: letters whose low octets are line ends stay letters in commands and notices', async () => {
  await using l = await lab({ script: { rcpt: { say: '550 5.1.1 no' } } })
  const local = 'a\u010a\u010d\u560a\u560dNOOP'
  const octets = Buffer.from(local).toString('latin1')
  const said = await l.us.submit({ to: [`${octets}@far.example`], parameters: 'SMTPUTF8' })
  assert.match(said, /^250 /)
  await l.us.idle()
  const rcpts = l.far.heard.filter((line) => line.startsWith('RCPT'))
  assert.deepEqual(
    rcpts.map((line) => Buffer.from(line, 'latin1').toString()),
    [`RCPT TO:<${local}@far.example>`],
  )
  assert.ok(!l.far.heard.includes('NOOP'))
  const [notice] = await told(l.us)
  assert.match(notice!.report[1]!.get('Final-Recipient')!, /^utf-8; ?a\\x\{10A\}\\x\{10D\}/)
})

test('SE-01: with the relay paused local mail arrives, the rest is queued and said to be', async () => {
  await using l = await lab({}, { relay: ['paused = true'] })
  assert.match(await l.us.submit({ to: ['ann@example.org'] }), /^250 2\.0\.0 Stored as /)
  assert.match(await l.us.submit({ to: ['ann@example.org', 'bob@far.example'] }), /^250 2\.0\.0 Stored and queued as /)
  const said = await l.us.submit({ to: ['bob@far.example'] })
  assert.match(said, /^250 2\.0\.0 Queued as /)
  assert.equal((await l.us.mailbox('ann')).length, 2)
  const story = await l.us.running.store.trace({ ref: said.split(' ').at(-1)!, limit: 9 })
  assert.deepEqual(
    story.map(({ step }) => step),
    ['received'],
  )
  assert.equal(l.far.connections, 0)
})

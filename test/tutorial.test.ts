// The tutorial on a running system: all of its steps are real conversations, and nothing of them is left behind. HP-02
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { assemble } from '#/main.ts'
import { innerSystems } from '#/main/inner-system.ts'
import { callServer } from '#/operations/control-call.ts'
import { OperationError } from '#/operations/errors.ts'
import { tutorialState, type Played, type TutorialState } from '#/operations/tutorial.ts'
import { tutorialSteps } from '#/operations/tutorial-steps.ts'
import { closedNet } from '#/tutorial/closed-net.ts'
import { idleMs } from '#/tutorial/limits.ts'
import { openTutorial } from '#/tutorial/tutorial.ts'
import { clock, randomPool } from '#/world/node/clock.ts'
import { silentLog } from '#/world/node/log.ts'
import { nodeNet } from '#/world/node/net.ts'
import type { Clock, World } from '#/world/world.ts'
import { dataFolder, start } from './serve.ts'

const folder = dataFolder()
const net = nodeNet(clock)
const running = await assemble(folder.path, { clock, random: randomPool(), net, log: silentLog })
after(async () => {
  await running.stop()
  net[Symbol.dispose]()
  folder[Symbol.dispose]()
})

const runOn = async (path: string, name: string, parameters: unknown = {}): Promise<TutorialState> =>
  tutorialState.parse((await callServer(path, { name, parameters }))!.value)
const run = (name: string, parameters?: unknown): Promise<TutorialState> => runOn(folder.path, name, parameters)

/** Listeners, sockets and threads of this process. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((one) => /TCP|Pipe|UDP|Worker|MessagePort/.test(one))
    .toSorted()
const isThere = (path = folder.path): boolean => existsSync(join(path, '.tutorial'))
async function nothingMoreThan(before: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 100 && handles().length > before.length; tries++) await clock.sleep(20)
  assert.deepEqual(handles(), before)
  assert.equal(isThere(), false)
}

async function playAll(): Promise<readonly Played[]> {
  let state = await run('tutorial.start', { again: true })
  for (const step of tutorialSteps.slice(1)) state = await run('tutorial.next', { step })
  return state.played
}
const part = (played: readonly Played[], step: string): Played => played.find((one) => one.step === step)!
const said = (played: readonly Played[], step: string): string[] =>
  part(played, step).transcripts.flatMap(({ lines }) =>
    lines.map(({ by, text }) => `${by === 'client' ? 'C' : 'S'}: ${text}`),
  )
const told = (played: readonly Played[], step: string): string[] => part(played, step).events.map((event) => event.step)
const has = (lines: readonly string[], ...wanted: readonly RegExp[]): void => {
  for (const one of wanted) assert.ok(lines.some((line) => one.test(line)), `${one} in\n${lines.join('\n')}`) // prettier-ignore
}

for (const time of ['first', 'second'])
  test(`HP-02: a ${time} time, each step is a real conversation: in, refused, read, out on the second try, collected`, async () => {
    const before = handles()
    const played = await playAll()
    assert.deepEqual(played.map(({ step }) => step), tutorialSteps) // prettier-ignore
    has(said(played, 'incoming'), /^C: RCPT TO:<ada@home\.test>$/, /^S: 250 2\.0\.0 Stored as/)
    has(said(played, 'refused'), /^S: 550 5\.1\.1 .*see FAQ: no-such-mailbox/)
    has(said(played, 'reading'), /^C: RETR 1$/, /^S: We meet at ten at the harbour\.$/, /^C: PASS \(password hidden\)$/)
    has(said(played, 'later'), /^S: 451 4\.7\.1 Greylisted/, /^S: 250 2\.0\.0 Stored as letter 1$/)
    has(said(played, 'another-way'), /^S: 220 smtp\.provider\.test/, /^S: 250 2\.0\.0 Stored/)
    has(said(played, 'collecting'), /^C: DELE 2$/, /^S: It waits for you at the desk\.$/)
    assert.deepEqual(told(played, 'later'), ['deferred', 'delivered'])
    assert.deepEqual(told(played, 'collecting'), ['removed-remotely', 'collected', 'collected'])
    const story = ['received', 'refused', 'read', 'sent', 'deferred', 'delivered', 'sent', 'delivered']
    assert.deepEqual(told(played, 'trace'), [...story, 'removed-remotely', 'collected', 'collected'])
    await run('tutorial.stop')
    await nothingMoreThan(before)
  })

test('HP-02: what is deleted in the old box was never retrieved', async () => {
  const lines = said(await playAll(), 'collecting')
  assert.ok(!lines.some((line) => line.includes('Click here')))
  assert.ok(!JSON.stringify(await run('tutorial.state')).includes('old-secret'), 'a password is told')
})

test('HP-02: ended in the middle of a step, no port, file or thread of it is left, and it can be played anew', async () => {
  await run('tutorial.stop')
  const before = handles()
  await run('tutorial.start')
  for (const step of tutorialSteps.slice(1, 6)) await run('tutorial.next', { step })
  const waits = run('tutorial.next', { step: 'later' })
  const ended = assert.rejects(waits, /The tutorial was ended/)
  await clock.sleep(300)
  assert.equal((await run('tutorial.stop')).running, false)
  await ended
  await nothingMoreThan(before)
  assert.equal((await run('tutorial.start')).played.length, 1)
  await run('tutorial.stop')
})

test('HP-02: a step is played once however often it is asked for, in its turn only, for a mailbox of the chosen name', async () => {
  await run('tutorial.start', { again: true })
  await assert.rejects(run('tutorial.next', { step: 'reading' }), /The next step is mailbox/)
  await assert.rejects(run('tutorial.next', { name: 'a b' }), OperationError)
  const both = [run('tutorial.next', { step: 'mailbox', name: 'zoe' }), run('tutorial.next', { step: 'mailbox' })]
  for (const { played, mailbox } of await Promise.all(both)) assert.deepEqual([played.length, mailbox], [2, 'zoe'])
  const { played } = await run('tutorial.next', { step: 'incoming' })
  has(said(played, 'incoming'), /^C: RCPT TO:<zoe@home\.test>$/)
  await run('tutorial.stop')
  await assert.rejects(run('tutorial.next'), /tutorial start opens it/)
})

test('HP-02: the practice world reaches nothing outside of this machine', async () => {
  const closed = closedNet(net)
  const connected = await closed.connect({ address: '192.0.2.1', port: 25, timeoutMs: 100 })
  assert.equal(connected.ok, false)
  await assert.rejects(
    closed.listen({ address: '0.0.0.0', port: 0 }, () => undefined),
    /loopback only/,
  )
})

test('HP-02: what a server that was killed leaves of a practice world is gone at the next start; that of another server stays', async () => {
  using own = dataFolder()
  await run('tutorial.start')
  const killed = await start(own.path)
  await runOn(own.path, 'tutorial.start')
  await killed.stop('SIGKILL')
  assert.deepEqual([isThere(own.path), isThere()], [true, true])
  const again = await start(own.path)
  assert.deepEqual([isThere(own.path), isThere()], [false, true])
  assert.equal((await runOn(own.path, 'tutorial.start')).running, true)
  await again.stop()
  assert.equal(isThere(own.path), false)
  assert.equal((await run('tutorial.next', { step: 'mailbox' })).played.length, 2)
  await run('tutorial.stop')
})

test('HP-02: a practice world that nobody plays in is taken down after half an hour', async () => {
  using own = dataFolder()
  let ahead = 0
  let look = (): void => undefined
  const every: Clock['every'] = (ms, work) => {
    if (ms === idleMs / 10) look = work
    return clock.every(ms, work)
  }
  const world: World = {
    clock: { ...clock, now: () => clock.now() + ahead, every },
    random: randomPool(),
    net,
    log: silentLog,
  }
  let closed = 0
  const tutorial = openTutorial({
    world,
    openSystem: (parts) =>
      innerSystems(
        assemble,
        own.path,
      )(parts).then((system) => ({
        ...system,
        close: () => system.close().finally(() => closed++),
      })),
  })
  await tutorial.start({ again: false })
  ahead = idleMs - 1000
  look()
  assert.equal(tutorial.state().running, true)
  ahead = idleMs + 1000
  look()
  await tutorial.stop()
  assert.equal(closed, 1)
  assert.equal(isThere(own.path), false)
})

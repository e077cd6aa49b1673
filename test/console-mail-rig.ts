// A console with mail that really moves: mailboxes, a receiver on the loopback that takes, defers or refuses as the address
// says, and messages that are on their way. For the tests of the Trace and of the Queue.
import { callServer } from '#/operations/control-call.ts'
import type { Sent } from '#/operations/send.ts'
import { openConsole, type Console } from './browser.ts'
import { Receiver } from './receiver.ts'

export type MovingMail = AsyncDisposable & {
  readonly console: Console
  readonly far: Receiver
  /** From now on the receiver takes what it deferred before. */
  relent(): void
  run(name: string, parameters?: object): Promise<unknown>
  /** Resolves with the key. */
  send(to: string | readonly string[], subject: string): Promise<string>
}

export async function movingMail(): Promise<MovingMail> {
  let relented = false
  const far = await Receiver.open({
    script: {
      rcpt: (line) => {
        if (line.includes('<gone')) return { say: '550 5.1.1 no such person here' }
        if (relented || !line.includes('<later')) return undefined
        return { say: '451 4.7.1 Greylisted, please try again later' }
      },
    },
  })
  const console = await openConsole()
  const run = async (name: string, parameters: object = {}): Promise<unknown> =>
    (await callServer(console.data, { name, parameters }))?.value
  await run('mailbox.add', { name: 'info', password: 'a long enough one', pop3: true })
  await run('domain.add', { name: 'us.example', mode: 'by-name', target: 'info' })
  await run('alternate.add', { name: 'lab', hosts: [`127.0.0.1:${far.port}`], tls: 'opportunistic' })
  for (const [name, value] of [
    ['mailRelay.alternate', 'lab'],
    ['mailRelay.mx', false],
    ['mailRelay.allowPrivateTargets', true],
    ['mailServer.forwarding', true],
  ] as const)
    await run('settings.set', { name, value })
  return {
    console,
    far,
    relent: () => void (relented = true),
    run,
    async send(to, subject) {
      const asked = { from: 'mara@us.example', to: [to].flat(), subject, text: 'Hello' }
      return ((await run('send', asked)) as Sent).key!
    },
    async [Symbol.asyncDispose]() {
      await console[Symbol.asyncDispose]()
      await far[Symbol.asyncDispose]()
    },
  }
}

// The steps of the tutorial, in order: each does the real thing in the practice world. Called by tutorial.ts.
import { browseCollect } from '#/operations/collect-work.ts'
import { perform } from '#/operations/table.ts'
import type { tutorialSteps } from '#/operations/tutorial-steps.ts'
import { boatTrip, harbour, home, hostname, junkUid, old, password, provider, quay } from './letters.ts'
import { undoMs } from './limits.ts'
import { fromSchool, type PracticeWorld } from './practice-world.ts'
import { handIn, readNewest } from './programs.ts'

export type Step = {
  readonly name: (typeof tutorialSteps)[number]
  readonly play: (world: PracticeWorld, mailbox: string) => Promise<void>
  /** Steps of the trace that must be there before the step is over. */
  readonly tells: readonly string[]
}

export const steps: readonly Step[] = [
  { name: 'world', play: () => Promise.resolve(), tells: [] },
  { name: 'mailbox', play: (world, name) => run(world, 'mailbox.add', { name }), tells: [] },
  { name: 'incoming', play: incoming, tells: ['received'] },
  { name: 'refused', play: refused, tells: ['refused'] },
  { name: 'reading', play: reading, tells: ['read'] },
  { name: 'sending', play: sending, tells: ['sent'] },
  { name: 'later', play: () => Promise.resolve(), tells: ['deferred', 'delivered'] },
  { name: 'another-way', play: anotherWay, tells: ['sent', 'delivered'] },
  { name: 'collecting', play: collecting, tells: ['removed-remotely', 'collected'] },
  { name: 'trace', play: () => Promise.resolve(), tells: [] },
]

/** As the command line and the console do it. */
async function run({ system }: PracticeWorld, name: string, parameters: unknown): Promise<void> {
  await perform(system.context, { name, parameters })
}

async function incoming(world: PracticeWorld, mailbox: string): Promise<void> {
  const to = `${mailbox}@${home}`
  await handIn(await world.connect(world.system.ports.smtp, fromSchool), to, boatTrip(to))
}

async function refused(world: PracticeWorld): Promise<void> {
  const to = `nobdy@${home}`
  await handIn(await world.connect(world.system.ports.smtp, fromSchool), to, boatTrip(to))
}

/** POP3 is off until somebody switches it on. */
async function reading(world: PracticeWorld, mailbox: string): Promise<void> {
  await run(world, 'mailbox.set', { name: mailbox, pop3: true, password })
  const between = { protocol: 'pop3', client: 'phone', server: hostname } as const
  await readNewest(await world.connect(world.system.ports.pop3, between), mailbox)
}

async function sending(world: PracticeWorld, mailbox: string): Promise<void> {
  await run(world, 'send', {
    from: `${mailbox}@${home}`,
    to: [harbour.address],
    subject: 'Re: Boat trip on Sunday',
    text: 'I come along. See you at ten.',
    undoMs,
  })
}

async function anotherWay(world: PracticeWorld, mailbox: string): Promise<void> {
  const hosts = [`${provider.host}:${world.ports.provider}`]
  await run(world, 'alternate.add', { name: provider.name, hosts, tls: 'none' })
  await run(world, 'settings.set', { name: 'mailRelay.alternate', value: provider.name })
  await run(world, 'send', {
    from: `${mailbox}@${home}`,
    to: [quay.address],
    subject: 'The boat',
    text: 'May we borrow it on Sunday?',
  })
}

/** The advertisement goes without having been fetched; the rest comes, and stays there too. */
async function collecting(world: PracticeWorld, mailbox: string): Promise<void> {
  const name = 'old'
  await run(world, 'collect.add', {
    name,
    mailbox,
    host: old.host,
    port: world.ports.old,
    user: old.user,
    password: old.password,
    tls: 'none',
    plainAuthAllowed: true,
    privateAllowed: true,
    first: 'everything',
  })
  await browseCollect(world.system.context, { name, before: null, limit: 20 })
  await run(world, 'collect.act', { name, uids: [junkUid], action: 'delete', yes: true })
  await run(world, 'collect.run', { name })
}

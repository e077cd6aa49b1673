// Reading mail: user1..10 hold 10,000 messages of 4 KiB each, user11 100,000, user12..41 ten each.
import { readMail } from './servers.mjs'

const window = 100 // RETRs outstanding when pipelined
const runsEach = 3 // a run of one connection lasts a fraction of a second: the median of three is one round
const rate = (r) => r.msgs / r.retr_phase_s
const retr = (connections, pipelined) => async (server) => {
  const args = ['-f', 1, '-n', connections, '-c', connections, '-R', '-t', 200, ...(pipelined ? ['-P', window] : [])]
  const rates = []
  for (let i = 0; i < runsEach; i++) rates.push(rate(await readMail(server.port('pop3'), ...args)))
  return rates.sort((a, b) => a - b)[Math.floor(runsEach / 2)]
}
const uidl = async (server, sessions) =>
  (await readMail(server.port('pop3'), '-f', 11, '-S', '-U', '-s', sessions, '-t', 200)).session_ms.p50

export const pop3Measures = [
  { id: 'retr-pipe-1', text: 'RETR 10,000 x 4 KiB pipelined, 1 connection', target: 1.1, go: retr(1, true) },
  { id: 'retr-pipe-10', text: 'RETR 10 x 10,000 x 4 KiB pipelined, 10 connections', target: 0.9, go: retr(10, true) },
  { id: 'retr-seq-1', text: 'RETR 10,000 x 4 KiB one after another, 1 connection', target: 1.5, go: retr(1, false) },
  {
    id: 'retr-seq-10',
    text: 'RETR 10 x 10,000 x 4 KiB one after another, 10 connections',
    target: 1.1,
    go: retr(10, false),
  },
  {
    id: 'logins',
    text: 'logins + STAT + QUIT, 10 connections, 30 users polling',
    target: 1,
    unit: 'logins/s',
    go: async (server) =>
      (await readMail(server.port('pop3'), '-f', 12, '-n', 30, '-c', 10, '-S', '-s', 3000)).sessions_per_s,
  },
  {
    id: 'uidl-warm',
    text: 'login + STAT + UIDL of 100,000, warm',
    target: 0.5,
    unit: 'ms',
    lower: true,
    go: (server) => uidl(server, 5),
  },
  {
    id: 'uidl-cold',
    text: 'login + STAT + UIDL of 100,000, cold',
    target: 0.5,
    unit: 'ms',
    lower: true,
    noWarmUp: true,
    go: (server) => {
      server.call('cold', 'user11')
      return uidl(server, 1)
    },
  },
].map((measure) => ({ unit: 'messages/s', peers: ['dovecot'], ...measure }))

export function fill(server) {
  if (server.filled()) return
  server.call('reset')
  server.call('import', 'user11', '100000', '4096')
  for (let i = 1; i <= 10; i++) server.call('import', `user${i}`, '10000', '4096')
  for (let i = 12; i <= 41; i++) server.call('import', `user${i}`, '10', '4096')
  server.call('filldone')
}

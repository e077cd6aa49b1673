// The plan of the conversations that the tests of the session play. For tests only.
import type { SessionPlan } from './session-types.ts'

const ms = 1000
const times = { greetingMs: ms, commandMs: ms, dataInitMs: ms, dataBlockMs: ms, dataEndMs: ms, quitMs: ms, tlsMs: ms }
export const plan: SessionPlan = {
  ehloName: 'us.example',
  hello: 'EHLO',
  host: 'far.example',
  tls: 'opportunistic',
  clientTls: { servername: 'far.example', verify: 'none' },
  alreadyTls: null,
  credentials: null,
  plainAuthAllowed: false,
  times,
  usePipelining: true,
  nonce: () => 'nonce',
  isOurs: () => false,
}

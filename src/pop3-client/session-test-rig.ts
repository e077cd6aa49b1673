// The plan of the conversations that the tests of the session play. For tests only.
import type { SessionPlan } from './session-types.ts'

export const plan: SessionPlan = {
  host: 'far.example',
  tls: 'none',
  clientTls: { servername: 'far.example', verify: 'name' },
  alreadyTls: null,
  anyCertificate: false,
  plainAuthAllowed: true,
  credentials: { user: 'ann', password: 'secret' },
  address: '192.0.2.1',
  ourselves: false,
  times: { tlsMs: 1000, replyMs: 1000, loginReplyMs: 1000 },
  lineBytesMax: 4096,
  messagesListedMax: 1000,
  nonce: () => 'nonce',
}

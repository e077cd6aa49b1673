// The client's side of SASL: which mechanism to take, and each as a generator of messages. Used by clients' sessions; knows
// no protocol: whoever runs it wraps messages in base64. RFC 4422, RFC 4616, RFC 2195, RFC 5802, RFC 7628
import { createHmac } from 'node:crypto'
import type { Session } from './session.ts'
import { bareFirst, isGenuine, parseServerFirst, prove, type Derivation, type ScramHash } from './scram-client.ts'

export type Credentials =
  { readonly user: string; readonly password: string } | { readonly user: string; readonly accessToken: string }
type Password = { readonly user: string; readonly password: string }
type Token = { readonly user: string; readonly accessToken: string }

/** A message in UTF-8, null for none: the server speaks first. Success counts only behind a message that says `mayEnd`: a
 *  server that says yes before it has seen a proof is no server of ours. OUT-11 */
export type SaslStep = { readonly say: string | null; readonly mayEnd: boolean } | { readonly derive: Derivation }
/** Resumed with the server's challenge, or with the derived key. Its end means: give up. */
export type Exchange = Generator<SaslStep, void, Buffer>
export type Mechanism = { readonly name: string; readonly begin: (nonce: () => string) => Exchange }

/** A message without what had to be derived for it. */
export type SaslMessage = Exclude<SaslStep, { derive: unknown }>
/** What a session that runs a mechanism asks of its driver. */
export type DeriveKey = { readonly do: 'deriveKey'; readonly of: Derivation } // → Buffer

/** The next message to send, null when the mechanism gives up. */
export function* advance(
  exchange: Exchange,
  challenge: Buffer = Buffer.alloc(0),
): Session<DeriveKey, SaslMessage | null> {
  let step = exchange.next(challenge)
  while (!step.done && 'derive' in step.value)
    step = exchange.next((yield { do: 'deriveKey', of: step.value.derive }) as Buffer) // what the driver answers
  return step.done ? null : (step.value as SaslMessage) // the loop has seen to it
}

type Choice = { readonly name: string; readonly secret: 'safe' | 'shown' } // what a listener learns
const forPasswords: readonly (Choice & { begin: (c: Password, nonce: () => string) => Exchange })[] = [
  { name: 'SCRAM-SHA-256', secret: 'safe', begin: (c, nonce) => scram(c, { nonce: nonce(), hash: 'sha256' }) },
  { name: 'SCRAM-SHA-1', secret: 'safe', begin: (c, nonce) => scram(c, { nonce: nonce(), hash: 'sha1' }) },
  { name: 'CRAM-MD5', secret: 'shown', begin: cramMd5 }, // MD5 can be guessed offline
  { name: 'PLAIN', secret: 'shown', begin: plain },
  { name: 'LOGIN', secret: 'shown', begin: login },
]
const forTokens: readonly (Choice & { begin: (c: Token) => Exchange })[] = [
  { name: 'OAUTHBEARER', secret: 'shown', begin: oauthBearer },
  { name: 'XOAUTH2', secret: 'shown', begin: xoauth2 },
]

/** The strongest that is offered and fits. `secure`: nobody can listen, so that secrets may be shown. RO-28 */
export function chooseMechanism(
  offered: ReadonlySet<string>,
  credentials: Credentials,
  { secure }: { secure: boolean },
): Mechanism | null {
  const fits = ({ name, secret }: Choice): boolean => offered.has(name) && (secure || secret === 'safe')
  if ('password' in credentials) {
    const found = forPasswords.find(fits)
    return found ? { name: found.name, begin: (nonce) => found.begin(credentials, nonce) } : null
  }
  const found = forTokens.find(fits)
  return found ? { name: found.name, begin: () => found.begin(credentials) } : null
}

function* plain({ user, password }: Password): Exchange {
  yield { say: `\0${user}\0${password}`, mayEnd: true }
}

function* login({ user, password }: Password): Exchange {
  yield { say: null, mayEnd: false }
  yield { say: user, mayEnd: false } // whatever the prompts say: they are in every language
  yield { say: password, mayEnd: true }
}

function* cramMd5({ user, password }: Password): Exchange {
  const challenge = yield { say: null, mayEnd: false }
  yield { say: `${user} ${createHmac('md5', password).update(challenge).digest('hex')}`, mayEnd: true }
}

function* scram({ user, password }: Password, { nonce, hash }: { nonce: string; hash: ScramHash }): Exchange {
  const bare = bareFirst(user, nonce)
  const first = (yield { say: `n,,${bare}`, mayEnd: false }).toString('latin1')
  const asked = parseServerFirst(first, nonce)
  if (asked === null) return
  const { salt, iterations, serverNonce } = asked
  const keyBytes = hash === 'sha1' ? 20 : 32
  const salted = yield { derive: { password: password.normalize('NFKC'), salt, iterations, hash, keyBytes } }
  const proof = prove(salted, { bare, first, nonce: serverNonce, hash })
  const last = yield { say: proof.final, mayEnd: false }
  if (isGenuine(last.toString('latin1'), proof)) yield { say: '', mayEnd: true }
}

/** An error comes as a challenge that wants an answer before the refusal. RFC 7628 §3.2.3 */
function* oauthBearer({ user, accessToken }: Token): Exchange {
  const name = user.replace(/=/g, '=3D').replace(/,/g, '=2C')
  yield { say: `n,a=${name},\x01auth=Bearer ${accessToken}\x01\x01`, mayEnd: true }
  yield { say: '\x01', mayEnd: false }
}

function* xoauth2({ user, accessToken }: Token): Exchange {
  yield { say: `user=${user}\x01auth=Bearer ${accessToken}\x01\x01`, mayEnd: true }
  yield { say: '', mayEnd: false }
}

// The server's side of SASL for the scripted POP3 server: each message of the client, decoded, to a challenge or a final
// reply. Shares no code with our own mechanisms.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { RemoteOptions } from './pop3-remote.ts'

type Step = (message: string) => string
type Account = { readonly user: string; readonly password: string; readonly token: string }
const verdict = (granted: boolean): string => (granted ? '+OK signed in' : '-ERR [AUTH] wrong name or password')

/** Null for a mechanism that it does not know or does not offer. */
export function pop3Auth(name: string, options: RemoteOptions): Step | null {
  const { user = 'ann', password = 'secret', token = 'token', sasl = [] } = options
  return sasl.includes(name) ? (mechanisms.get(name)?.({ user, password, token }) ?? null) : null
}

const mechanisms: ReadonlyMap<string, (account: Account) => Step> = new Map([
  [
    'PLAIN',
    ({ user, password }) =>
      (said) =>
        verdict(said === `\0${user}\0${password}`),
  ],
  ['LOGIN', login],
  ['CRAM-MD5', cramMd5],
  ['SCRAM-SHA-1', (account) => scram(account, 'sha1')],
  ['SCRAM-SHA-256', (account) => scram(account, 'sha256')],
  ['XOAUTH2', (account) => bearer(account, `user=${account.user}\x01auth=Bearer ${account.token}\x01\x01`)],
  ['OAUTHBEARER', (account) => bearer(account, `n,a=${account.user},\x01auth=Bearer ${account.token}\x01\x01`)],
])

function login({ user, password }: Account): Step {
  const said: string[] = []
  return (message) => {
    said.push(message)
    if (said.length < 3) return said.length === 1 ? 'Username:' : 'Password:'
    return verdict(said[1] === user && said[2] === password)
  }
}

function cramMd5({ user, password }: Account): Step {
  const challenge = '<1.2@far.example>'
  const wanted = `${user} ${createHmac('md5', password).update(challenge).digest('hex')}`
  let asked = false
  return (message) => {
    if (asked) return verdict(message === wanted)
    asked = true
    return challenge
  }
}

/** A token that is no good is explained first, and the client must answer to that. RFC 7628 §3.2.3 */
function bearer(_account: Account, wanted: string): Step {
  let explained = false
  return (message) => {
    if (message === wanted) return verdict(true)
    if (explained) return verdict(false)
    explained = true
    return '{"status":"400"}'
  }
}

/** RFC 5802 §3 */
function scram({ password }: Account, hash: 'sha1' | 'sha256'): Step {
  const hmac = (key: Uint8Array, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const salted = pbkdf2Sync(password, 'salt', 4096, hash === 'sha1' ? 20 : 32, hash)
  const stored = createHash(hash).update(hmac(salted, 'Client Key')).digest()
  const said: string[] = []
  let first = ''
  return (message) => {
    said.push(message)
    if (said.length === 1) {
      first = `r=${/r=(.*)$/.exec(message)?.[1]}-far,s=${Buffer.from('salt').toString('base64')},i=4096`
      return first
    }
    if (said.length === 3) return verdict(message === '')
    const [unproved = '', proof = ''] = message.split(',p=')
    const signed = `${said[0]!.slice(3)},${first},${unproved}`
    const signature = hmac(stored, signed)
    const key = Buffer.from(Buffer.from(proof, 'base64').map((octet, i) => octet ^ signature[i]!))
    if (!createHash(hash).update(key).digest().equals(stored)) return verdict(false)
    return `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`
  }
}

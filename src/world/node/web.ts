// Requests to web servers behind the Web door: endpoints of token providers today. Bounded in time and size; follows no
// redirect, since a form with secrets goes only where somebody said. The addresses that it connects to are judged. SX-06
import dns from 'node:dns'
import type http from 'node:http'
import { isIP, type LookupFunction } from 'node:net'
import type { Web, WebAnswer } from '../world.ts'

const answerMs = 30_000
const bodyBytesMax = 65_536

/** Why strangers may not send us to a numeric address; null when they may. */
export type Judge = (address: string) => string | null

export const nodeWeb = (judge: Judge): Web => ({
  async postForm(url, form, { privateAllowed }) {
    try {
      return await post(new URL(url), new URLSearchParams(form).toString(), privateAllowed ? null : judge)
    } catch (error) {
      return { ok: false, why: error instanceof Error ? error.message : String(error) }
    }
  },
})

async function post(url: URL, body: string, judge: Judge | null): Promise<WebAnswer> {
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1') // an address is never looked up: it is judged here
  if (judge && isIP(literal) !== 0 && judge(literal) !== null) throw closed(url.hostname)
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http')) // few accounts need it
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      },
      agent: false, // a connection of its own: none that was judged by somebody else's rules
      signal: AbortSignal.timeout(answerMs),
      ...(judge && { lookup: judgedLookup(judge) }),
    })
    asked.on('error', reject)
    asked.on('response', (response) => void readAnswer(response).then(resolve, reject))
    asked.end(body)
  })
}

async function readAnswer(response: http.IncomingMessage): Promise<WebAnswer> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Octets, since nobody has set an encoding.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) return { ok: false, why: 'the answer is too long' } // leaving the loop ends the request
    chunks.push(chunk)
  }
  return { ok: true, status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('latin1') }
}

/** Looks up once, and lets only those addresses through that may be connected to: nobody looks up again. DNS-01 */
const judgedLookup =
  (judge: Judge): LookupFunction =>
  (hostname, options, callback) =>
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, [])
      const open = found.filter(({ address }) => judge(address) === null)
      const [first] = open
      if (!first) return callback(closed(hostname), [])
      if (options.all) callback(null, open)
      else callback(null, first.address, first.family)
    })

const closed = (host: string): Error => new Error(`${host} leads to an address that this account must not reach`)

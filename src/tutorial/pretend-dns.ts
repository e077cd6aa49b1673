// Answers of DNS in the practice world, from a table: nobody is asked.
import type { Answer, MailResolver, MxAnswer, NoAnswer } from '#/dns/resolver.ts'
import { harbour, old, provider, quay } from './letters.ts'

const ttlMs = 60_000
const unknown: NoAnswer = { is: 'no-such-name' }

const exchangers: ReadonlyMap<string, string> = new Map([
  [harbour.domain, harbour.host],
  [quay.domain, quay.host],
])
const addresses: ReadonlyMap<string, string> = new Map([
  [harbour.host, '127.0.0.1'],
  [quay.host, '127.0.0.2'], // nobody listens there
  [provider.host, '127.0.0.1'],
  [old.host, '127.0.0.1'],
])

export const pretendDns: MailResolver = {
  ptr: () => Promise.resolve(unknown),
  addresses: (name) => Promise.resolve(addressAnswer(addresses.get(name))),
  mx: (name) => Promise.resolve(mxAnswer(exchangers.get(name))),
  oddAddresses: (name) => Promise.resolve(addressAnswer(addresses.get(name))),
  txt: () => Promise.resolve(unknown),
  confirmedName: () => null,
}

const addressAnswer = (address: string | undefined): Answer =>
  address === undefined ? unknown : { is: 'found', records: [address], ttlMs }

const mxAnswer = (name: string | undefined): MxAnswer =>
  name === undefined ? unknown : { is: 'found', hosts: [{ name, preference: 10 }], nullMx: false, ttlMs }

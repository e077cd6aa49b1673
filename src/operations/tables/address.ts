// Domains and addresses: what the command line, the control socket and the console may ask for.
import { z } from 'zod'
import * as lists from '../address-list.ts'
import * as addresses from '../addresses.ts'
import { changes, reads } from '../operation.ts'

const name = z.strictObject({ name: z.string() })
const none = z.strictObject({})

export const addressOperations = {
  'domain.list': reads('The domains that mail is taken for', {
    parameters: none,
    answer: addresses.domains,
    run: addresses.listDomains,
  }),
  'domain.add': changes('Takes mail for a domain', {
    parameters: z.strictObject({
      name: z.string(),
      mode: z.enum(['by-name', 'one-mailbox', 'alias', 'addresses-only']).default('by-name'),
      target: z.string().nullable().default(null),
    }),
    answer: addresses.domainAdded,
    run: addresses.addDomain,
  }),
  'domain.remove': changes('Takes no more mail for a domain', {
    parameters: name,
    answer: z.strictObject({ removed: z.string() }),
    run: addresses.removeDomain,
  }),
  'address.list': reads('The addresses that are mapped', {
    parameters: none,
    answer: addresses.mappings,
    run: addresses.listAddresses,
  }),
  'address.all': reads('Every address that mail is taken for, and where it goes, a page at a time', {
    parameters: lists.allRequest,
    answer: lists.allAnswer,
    run: lists.allAddresses,
  }),
  'address.add': changes('Maps an address to mailboxes or to addresses elsewhere', {
    parameters: z.strictObject({
      address: z.string(),
      targets: z.array(z.string()).min(1),
      note: z.string().default(''),
      expiresAt: z.number().nullable().default(null),
    }),
    answer: addresses.addressAdded,
    run: addresses.addAddress,
  }),
  'address.remove': changes('Ends the mapping of an address', {
    parameters: z.strictObject({ address: z.string() }),
    answer: addresses.addressRemoved,
    run: addresses.removeAddress,
  }),
  'address.explain': reads('Who gets the mail of an address, and why', {
    parameters: z.strictObject({ address: z.string() }),
    answer: addresses.explained,
    run: addresses.explain,
  }),
}

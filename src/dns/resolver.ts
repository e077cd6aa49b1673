// What the program asks of DNS, with the four kinds of answer kept apart: trouble is never "no". AC-08, IN-27, DNS-06

export type Answer = { readonly is: 'found'; readonly records: readonly string[]; readonly ttlMs: number } | NoAnswer
/** `no-such-name` is only what a server said in so many words: NXDOMAIN. */
export type NoAnswer =
  { readonly is: 'no-such-name' } | { readonly is: 'no-data' } | { readonly is: 'trouble'; readonly why: string }

export type Exchanger = { readonly name: string; readonly preference: number }
/** `hosts` in order of preference, valid host names only: it is empty when the domain takes no mail (`nullMx`, RFC 7505 §3), or
 *  when nothing in the records can be used. A null MX among others is left out. RO-05, DNS-05 */
export type MxAnswer =
  | {
      readonly is: 'found'
      readonly hosts: readonly Exchanger[]
      readonly nullMx: boolean
      readonly ttlMs: number
    }
  | NoAnswer

export interface Resolver {
  /** The names of an address, valid host names only, lower case, at most 100. */
  ptr(address: string): Promise<Answer>
  /** The addresses of a name: of one family, or of both. */
  addresses(name: string, family?: 4 | 6): Promise<Answer>
  /** A reverse name that leads back to the address, by what is remembered of earlier questions. Asks nobody. IN-20 */
  confirmedName(address: string): string | null
}

export interface MailResolver extends Resolver {
  /** The mail exchangers of a domain, at most 100. Deciding about mail, also what no MX means, is the asker's. */
  mx(name: string): Promise<MxAnswer>
  /** The texts of a name, at most 100, an octet a character. They are a stranger's: nothing in them is checked. */
  txt(name: string): Promise<Answer>
  /** The addresses of a name that need not be the name of a host: macros of SPF make such. */
  oddAddresses(name: string, family: 4 | 6): Promise<Answer>
}

// What the program asks of DNS, with the four kinds of answer kept apart: trouble is never "no". AC-08, IN-27, DNS-06

export type Answer =
  | { readonly is: 'found'; readonly records: readonly string[]; readonly ttlMs: number }
  | { readonly is: 'no-such-name' }
  | { readonly is: 'no-data' }
  | { readonly is: 'trouble'; readonly why: string }

export interface Resolver {
  /** The names of an address, valid host names only, lower case, at most 100. */
  ptr(address: string): Promise<Answer>
  /** The addresses of a name: of one family, or of both. */
  addresses(name: string, family?: 4 | 6): Promise<Answer>
  /** A reverse name that leads back to the address, by what is remembered of earlier questions. Asks nobody. IN-20 */
  confirmedName(address: string): string | null
}

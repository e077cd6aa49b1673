// What this browser keeps while somebody is on the page of a provider: the sealed ticket that ends the sign-in.
export const ticketKey = 'nc-sign-in'
export type Kept = { readonly name: string; readonly ticket: string }

export function readTicket(text: string | null): Kept | null {
  try {
    const { name, ticket } = JSON.parse(text ?? '') as Partial<Kept> // what SignInAgain wrote, or anything
    return typeof name === 'string' && typeof ticket === 'string' ? { name, ticket } : null
  } catch {
    return null
  }
}

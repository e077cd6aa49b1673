// The addresses of this machine, so that the relay knows itself. Called by main and the command line.
import { networkInterfaces } from 'node:os'

/** Of all interfaces, loopback included, as they are now. */
export const localAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address))

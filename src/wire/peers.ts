// Counts open sessions per client network and in all; used by every server. RES-06
export class PeerCount {
  readonly #byNetwork = new Map<string, number>()
  total = 0

  /** False when the client or all together have as many as they may. */
  enter(network: string, limits: { readonly perClient: number; readonly all: number }): boolean {
    const open = this.#byNetwork.get(network) ?? 0
    if (open >= limits.perClient || this.total >= limits.all) return false
    this.#byNetwork.set(network, open + 1)
    this.total++
    return true
  }

  leave(network: string): void {
    const open = this.#byNetwork.get(network) ?? 0
    if (open <= 1) this.#byNetwork.delete(network)
    else this.#byNetwork.set(network, open - 1)
    this.total--
  }
}

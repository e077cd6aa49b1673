// One question to the server under way, for forms and dialogs: busy while it runs, and its problem in words.
import { wordsOf } from './api.ts'
export class Asking {
  busy = $state(false)
  problem = $state('')

  /** The answer; null when it did not work, and `problem` says why. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    this.busy = true
    this.problem = ''
    try {
      return await work()
    } catch (error) {
      this.problem = wordsOf(error)
      return null
    } finally {
      this.busy = false
    }
  }
}

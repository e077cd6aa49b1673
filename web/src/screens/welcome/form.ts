// What each question of the first set-up is given.
import type { Facts } from './facts.ts'

export type QuestionProps = {
  readonly facts: Facts
  readonly reload: () => Promise<void>
  readonly done: () => Promise<void>
  readonly skip: () => Promise<void>
  readonly back: (() => void) | undefined
}

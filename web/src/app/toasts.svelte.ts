// Short news at the lower right. With Undo a toast stays until closed, else eight seconds unless somebody points at it.
import { wordsOf } from './api.ts'
import type { Shape } from '../parts/shapes.ts'

export type Toast = {
  readonly id: number
  readonly shape: Shape
  /** A function when it changes with the time. */
  readonly text: string | (() => string)
  readonly href?: string | undefined
  /** What the link is called, when not Look. */
  readonly link?: string | undefined
  readonly act?: { readonly label: string; readonly run: () => unknown } | undefined
}
type NewToast = Omit<Toast, 'id' | 'shape'> & { readonly shape?: Shape }

export const toastMs = 8000
let last = 0
let shown = $state<Toast[]>([])

export const toasts = (): readonly Toast[] => shown

export function toast(news: NewToast): number {
  shown = [...shown.slice(-3), { shape: 'ok', ...news, id: ++last }]
  return last
}

/** Whether it was there. */
export function closeToast(id: number): boolean {
  const before = shown.length
  shown = shown.filter((one) => one.id !== id)
  return shown.length < before
}

/** For what went wrong and needs no decision. */
export const toastError = (error: unknown): void => void toast({ shape: 'problem', text: wordsOf(error) })

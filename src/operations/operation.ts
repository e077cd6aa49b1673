// One administrative act: what it is in a sentence, what it is told, what it answers. Made by the tables, run by `perform`.
import type { z } from 'zod'
import type { Context } from './context.ts'

export type Operation<P, A, I = P> = {
  readonly about: string
  /** A read changes nothing here; it may ask other servers. */
  readonly kind: 'read' | 'change'
  readonly parameters: z.ZodType<P, I>
  /** What it answers, for those who call from outside. */
  readonly answer?: z.ZodType<A>
  /** What the owner of a mailbox may ask: the parameters narrowed to theirs. Absent: administrators only.
   *  @throws OperationError when it is not theirs */
  readonly owner?: (parameters: P, mailbox: string) => P
  /** Not offered over HTTP: it names files of the server. */
  readonly local?: true
  readonly run: (context: Context, parameters: P) => Promise<A>
}
type Spec<P, A, I> = Omit<Operation<P, A, I>, 'about' | 'kind'>

/** Any of them, when only its own schema knows what it takes. */
export type AnyOperation = {
  readonly about: string
  readonly kind: 'read' | 'change'
  readonly parameters: z.ZodType
  readonly answer?: z.ZodType
  readonly owner?: (parameters: never, mailbox: string) => unknown
  readonly local?: true
  readonly run: (context: Context, parameters: never) => Promise<unknown>
}

export const reads = <P, A, I>(about: string, spec: Spec<P, A, I>): Operation<P, A, I> => ({
  about,
  kind: 'read',
  ...spec,
})
export const changes = <P, A, I>(about: string, spec: Spec<P, A, I>): Operation<P, A, I> => ({
  about,
  kind: 'change',
  ...spec,
})

/** Octets for somebody to keep or to look at. */
export type Opened = {
  readonly fileName: string
  readonly type: string
  readonly sizeBytes?: number
  readonly chunks: AsyncIterable<Uint8Array>
  /** A policy of its own for what is shown in a frame; otherwise the octets are only saved. */
  readonly shownUnder?: string
}
/** Parameters arrive as texts: the schema must coerce. */
export type Download<P> = Pick<Operation<P, unknown, unknown>, 'about' | 'parameters' | 'owner'> & {
  readonly open: (context: Context, parameters: P) => Promise<Opened>
}
export type Upload<P, A> = Pick<Operation<P, A, unknown>, 'about' | 'parameters' | 'owner' | 'answer'> & {
  readonly take: (context: Context, parameters: P, chunks: AsyncIterable<Uint8Array>) => Promise<A>
}
type AnyParts = Pick<AnyOperation, 'about' | 'parameters' | 'owner'>
export type AnyDownload = AnyParts & { readonly open: (context: Context, parameters: never) => Promise<Opened> }
export type AnyUpload = AnyParts & {
  readonly answer?: z.ZodType
  readonly take: (context: Context, parameters: never, chunks: AsyncIterable<Uint8Array>) => Promise<unknown>
}

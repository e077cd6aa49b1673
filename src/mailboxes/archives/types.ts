// What readers of archives tell, one message after the other, so that nothing but a chunk is ever in memory.

export type ArchiveEvent =
  /** `name` is for people; `at`: when it came, if the archive knows. */
  | { readonly is: 'begin'; readonly name: string; readonly at: number | null; readonly seen: boolean }
  | { readonly is: 'octets'; readonly octets: Uint8Array }
  | { readonly is: 'end' }
  /** Something that is no message, and why. */
  | { readonly is: 'skipped'; readonly name: string; readonly why: string }
export type Archive = AsyncIterable<ArchiveEvent>
export type Chunks = AsyncIterable<Uint8Array>

/** Of what is in an archive but cannot be read: the import ends there, what was taken before stays. */
export class ArchiveError extends Error {}

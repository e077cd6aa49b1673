// A message's content as it was received and prepared: bytes that nobody changes. Small in memory, large in a file.

export type Content = {
  readonly sizeBytes: number
  /** What lacks its last CRLF gets one on reading: the octets stay as they came, sizes for reading count it. */
  readonly endsInCrlf: boolean
  readonly crc32: number // of all octets, unsigned
  /** Small contents: consecutive chunks. Null when the content was spooled to `file`. */
  readonly chunks: readonly Uint8Array[] | null
  /** Large contents: the name of a flushed file under the store's content folder, not yet referenced. */
  readonly file: string | null
}

// Puts a certificate and its key where the server reads them: both or neither, also across a crash between the two. Called by
// operations; certificate.ts finishes what a crash left.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Pem } from './tls.ts'

export type CertificateFiles = { readonly cert: string; readonly key: string }

const next = (file: string): string => `${file}.new`

/** The key is written and moved first: a new certificate without a new key means that the move was begun. @throws when the disk does
 *  not take it; then the old pair stays. */
export function writePair(files: CertificateFiles, pem: Pem): void {
  mkdirSync(dirname(files.key), { recursive: true, mode: 0o700 })
  discard(files)
  writeDurably(next(files.key), pem.key)
  writeDurably(next(files.cert), pem.cert)
  move(files)
}

/** After a crash: what was begun is finished, what was only written is dropped. */
export function finishMove(files: CertificateFiles): void {
  if (existsSync(next(files.cert)) && !existsSync(next(files.key)) && existsSync(files.key)) move(files)
  else discard(files)
}

function move({ cert, key }: CertificateFiles): void {
  if (existsSync(next(key))) renameSync(next(key), key)
  renameSync(next(cert), cert)
  syncFolder(dirname(cert))
}

function discard({ cert, key }: CertificateFiles): void {
  for (const file of [cert, key]) rmSync(next(file), { force: true })
}

/** Never through a link that somebody put there. SEC-04 */
function writeDurably(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600)
  try {
    writeFileSync(fd, text)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  fsyncSync(fd)
  closeSync(fd)
}

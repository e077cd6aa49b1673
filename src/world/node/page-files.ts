// The built files of the page, in memory. Compressed when first asked for, off the main thread.
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import zlib from 'node:zlib'

export type PageFile = {
  readonly octets: Uint8Array<ArrayBuffer>
  readonly tag: string
  readonly compresses: boolean
  readonly brotli: () => Promise<Uint8Array<ArrayBuffer>>
}

const brotli = promisify(zlib.brotliCompress)
const built = fileURLToPath(new URL('../../../web/dist', import.meta.url))

/** Empty when the page was not built. */
export function readPageFiles(folder: string = built): ReadonlyMap<string, PageFile> {
  const names = globSync('**/*.*', { cwd: folder })
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), pageFile(readFileSync(join(folder, name)), name)]))
}

function pageFile(octets: Uint8Array<ArrayBuffer>, name: string): PageFile {
  let compressed: Promise<Uint8Array<ArrayBuffer>> | null = null
  return {
    octets,
    tag: `"${createHash('sha256').update(octets).digest('base64url').slice(0, 22)}"`,
    compresses: /\.(?:html|js|css|json|svg|webmanifest)$/.test(name),
    brotli: () => (compressed ??= brotli(octets, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 9 } })),
  }
}

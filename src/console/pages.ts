// The files of the page, read once and compressed once. Every other path is the page too: it finds its own way. WEB-10
import type { PageFile } from '#/world/node/page-files.ts'
import { pagePolicy } from './headers.ts'

/** Null when it is not one of ours to answer. */
export function pageOf(files: ReadonlyMap<string, PageFile>, path: string): { name: string; file: PageFile } | null {
  const asked = path.slice(1)
  const file = files.get(asked)
  if (file && asked !== 'index.html') return { name: asked, file }
  if (asked.startsWith('assets/') || asked.startsWith('api/')) return null
  const index = files.get('index.html')
  return index ? { name: 'index.html', file: index } : null
}

const types = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['json', 'application/json'],
  ['svg', 'image/svg+xml'],
  ['webp', 'image/webp'],
  ['png', 'image/png'],
  ['webmanifest', 'application/manifest+json'],
])

export async function servePage(
  { name, file }: { name: string; file: PageFile },
  { encodings, known }: { encodings: string; known: string | undefined },
): Promise<Response> {
  const index = name === 'index.html'
  const headers = new Headers({
    'content-type': types.get(name.slice(name.lastIndexOf('.') + 1)) ?? 'application/octet-stream',
    'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.tag,
    ...(index ? { 'content-security-policy': pagePolicy } : {}),
  })
  if (known === file.tag) return new Response(null, { status: 304, headers })
  if (!/\bbr\b/.test(encodings) || !file.compresses) return new Response(file.octets, { headers })
  headers.set('content-encoding', 'br')
  headers.set('vary', 'accept-encoding')
  return new Response(await file.brotli(), { headers })
}

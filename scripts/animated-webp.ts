// Puts still WebP pictures of one size together to one that moves. Pure. Used by record-tutorial.ts.
// https://developers.google.com/speed/webp/docs/riff_container

export type Still = { readonly webp: Buffer; readonly ms: number }
type Size = { readonly width: number; readonly height: number }

export function animatedWebp(stills: readonly Still[], { width, height }: Size): Buffer {
  const animation = 0x02
  const size = [...u24(width - 1), ...u24(height - 1)]
  const parts = [
    chunk('VP8X', Buffer.from([animation, 0, 0, 0, ...size])),
    chunk('ANIM', Buffer.from([255, 255, 255, 255, 0, 0])), // a white ground, for ever
    ...stills.map(({ webp, ms }) => {
      const noBlending = 0x02
      const head = Buffer.from([...u24(0), ...u24(0), ...size, ...u24(ms), noBlending])
      return chunk('ANMF', Buffer.concat([head, pictureOf(webp)]))
    }),
  ]
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), ...parts]))
}

const u24 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255]

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.write(name)
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}

/** The chunks with the picture itself. @throws when there is none */
function pictureOf(webp: Buffer): Buffer {
  const kept: Buffer[] = []
  for (let at = 12; at + 8 <= webp.length;) {
    const name = webp.toString('latin1', at, at + 4)
    const length = webp.readUInt32LE(at + 4)
    const end = at + 8 + length + (length % 2)
    if (['VP8 ', 'VP8L', 'ALPH'].includes(name)) kept.push(webp.subarray(at, end))
    at = end
  }
  if (kept.length === 0) throw new Error('there is no picture in it')
  return Buffer.concat(kept)
}

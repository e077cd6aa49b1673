// A text as a QR code: the path of an SVG, its dark squares as rectangles a row. Pure.
import { encodeQR } from 'qr'

export type Picture = { readonly size: number; readonly path: string }

export function pictureOf(text: string): Picture {
  const squares = encodeQR(text, 'raw', { ecc: 'medium', border: 2 })
  const rows = squares.flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`))
  return { size: squares.length, path: rows.join('') }
}

/** Where dark squares begin, and how many follow each other. */
function runsOf(row: readonly boolean[]): [x: number, length: number][] {
  const runs: [number, number][] = []
  row.forEach((dark, x) => {
    if (!dark) return
    if (x > 0 && row[x - 1]) runs.at(-1)![1]++
    else runs.push([x, 1])
  })
  return runs
}

// Figures of earlier runs, read from their raw lines: a report of a part need not lose the rest.
import { readFileSync } from 'node:fs'

/** `results` first; then what only the files have, the last file's where several do. In the order of `measures`. */
export function withEarlier(results, files, measures) {
  const found = new Map()
  for (const file of files) for (const [id, values] of read(file)) found.set(id, values)
  for (const { measure, values } of results) if (values.size > 0) found.set(measure.id, values)
  return measures.filter(({ id }) => found.has(id)).map((measure) => ({ measure, values: found.get(measure.id) }))
}

function read(file) {
  const found = new Map()
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const { measure, server, value } = JSON.parse(line)
    if (measure === undefined) continue // the line about the machine
    const values = found.get(measure) ?? new Map()
    found.set(measure, values.set(server, [...(values.get(server) ?? []), value]))
  }
  return found
}

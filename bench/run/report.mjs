// The table, docs/bench.md and docs/bench.svg.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { clientNames, clientVersion } from './collectors.mjs'
import { bench, program, run, server, state, title } from './servers.mjs'

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const short = (n) => (n >= 100 ? Math.round(n).toLocaleString('en') : n.toFixed(1))

/** One row a target: what was measured, the ratio that counts, and whether it is met (null: not measured). */
export function rows(results) {
  return results.flatMap(({ measure, values }) => {
    const figures = Object.fromEntries([...values].map(([name, list]) => [name, median(list)]))
    if (measure.id.startsWith('growth'))
      return [row(measure, figures.large, { 'with 10,000': figures.small }, { target: 0.8 })]
    const peers = Object.fromEntries(
      measure.peers.filter((name) => name in figures).map((name) => [title[name], figures[name]]),
    )
    if (measure.targets) return againstEach(measure, figures)
    if (measure.absolute) return [row(measure, figures.ours, peers, { absolute: measure.absolute })]
    const first = row(measure, figures.ours, peers, { target: measure.target })
    if (!('ceiling' in figures)) return [first]
    return [
      first,
      row(
        { ...measure, text: `share of the ceiling: ${measure.text}`, share: true },
        figures.ours,
        { 'store that discards': figures.ceiling },
        { target: 0.5 },
      ),
    ]
  })
}

/** A row for each peer that has a target of its own; those without one stand in the first. */
function againstEach({ targets, ...measure }, figures) {
  const [first, ...others] = Object.keys(targets)
  const beside = measure.peers.filter((name) => !others.includes(name))
  return [[first, beside], ...others.map((name) => [name, [name]])].map(([name, names]) => {
    const peers = names.filter((one) => one in figures).map((one) => [title[one], figures[one]])
    return row(measure, figures.ours, Object.fromEntries(peers), { target: targets[name] })
  })
}

function row(measure, ours, peers, { target, absolute }) {
  const others = Object.values(peers).filter((n) => n !== undefined)
  const better = others.length === 0 ? undefined : measure.lower ? Math.min(...others) : Math.max(...others)
  const ratio = ours === undefined || better === undefined ? undefined : ours / better
  const within = (n, bound) => (n === undefined ? null : measure.lower ? n <= bound : n >= bound)
  return {
    measure,
    ours,
    peers,
    ratio,
    bound: absolute ?? target * (better ?? NaN),
    target: absolute
      ? `at most ${absolute} ${measure.unit}`
      : target === undefined
        ? '-'
        : measure.lower
          ? `at most ${target} x`
          : measure.share
            ? `at least ${target * 100} %`
            : `at least ${target} x`,
    met: absolute ? within(ours, absolute) : within(ratio, target),
  }
}

export function table(results) {
  const cells = rows(results).map(({ measure, ours, peers, ratio, target, met }) => [
    `${measure.text} (${measure.unit})`,
    ours === undefined ? '-' : short(ours),
    Object.entries(peers)
      .filter(([, n]) => n !== undefined)
      .map(([name, n]) => `${name} ${short(n)}`)
      .join(', ') || '-',
    ratio === undefined ? '-' : measure.share ? `${(ratio * 100).toFixed(0)} %` : `${ratio.toFixed(2)} x`,
    target,
    met === null ? '-' : met ? 'yes' : '**no**',
  ])
  const all = [['measure', 'ours', 'peers', 'to the better', 'target', 'met?'], ...cells]
  const widths = all[0].map((_, i) => Math.max(...all.map((line) => line[i].length)))
  const lines = all.map((line) => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return lines.join('\n')
}

/** What the figures depend on. */
export async function machine(peers) {
  const folder = join(state, 'sync')
  mkdirSync(folder, { recursive: true })
  const sync = await run(program('fsyncbench'), ['append', folder, '4096', '1', '2']).then(JSON.parse, () => null)
  rmSync(folder, { recursive: true, force: true })
  const servers = ['ours', ...peers.filter((name) => !clientNames.includes(name))]
    .map((name) => server(name))
    .filter((one) => one.present())
    .map((one) => `${title[one.name]} ${one.facts.version}`)
  const clients = peers.filter((name) => clientNames.includes(name)).map((name) => clientVersion(name))
  const versions = [...servers, ...new Set(clients.filter((version) => version !== null))]
  return {
    cpu: `${os.cpus().length} x ${os.cpus()[0].model.trim()}`,
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${/^PRETTY_NAME="(.*)"/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]}, Linux ${os.release().split('.').slice(0, 2).join('.')}`,
    node: process.versions.node,
    versions,
    syncsPerSecond: sync?.ops_per_s ?? null,
    load1: os.loadavg()[0],
  }
}

export function writeReport({ results, notes, facts, started, args }) {
  const docs = join(dirname(bench), 'docs')
  writeFileSync(join(docs, 'bench.svg'), chart(rows(results)))
  writeFileSync(
    join(docs, 'bench.md'),
    `# Measured

Written by \`npm run bench\` on ${started.toISOString().slice(0, 10)}; how it is measured: [bench/README.md](../bench/README.md).

- Machine: ${facts.cpu}, ${facts.memoryGiB} GiB, ${facts.system}, Node ${facts.node}
- Disk: ${facts.syncsPerSecond ?? '-'} synced appends of 4 KiB a second; load average at the start ${facts.load1.toFixed(2)}
- Servers: ${facts.versions.join(', ')}. All over loopback; load programs and servers share the cores
- Each figure is the median of ${args.reps} rounds, the servers taking turns within one run (idle sessions: one round)

${table(results)}

![The same figures as bars](bench.svg)
${notes.length > 0 ? `\nNotes:\n\n${notes.map((text) => `- ${text}`).join('\n')}\n` : ''}`,
  )
}

const [width, left, bar, gap] = [860, 20, 16, 18]
const colours = ['#1f6feb', '#8c959f', '#c0c6cc', '#dde1e5']
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** Bars of each measure on its own scale; the line is the target. */
function chart(all) {
  let y = 44
  const parts = []
  for (const { measure, ours, peers, bound, met } of all.filter((one) => one.ours !== undefined)) {
    const bars = [['NetCruiser Mail', ours], ...Object.entries(peers).filter(([, n]) => n !== undefined)]
    const top = Math.max(...bars.map(([, n]) => n), Number.isNaN(bound) ? 0 : bound)
    const x = (n) => (150 + (n / top) * (width - 150 - 110)).toFixed(1)
    parts.push(
      `<text x="${left}" y="${y}" font-weight="600">${escape(measure.text)}, ${measure.unit}${measure.lower ? ' (less is better)' : ''}${met === false ? ' - target missed' : ''}</text>`,
    )
    y += 8
    const from = y
    bars.forEach(([name, n], i) => {
      parts.push(
        `<text x="${left}" y="${y + 12}">${escape(name)}</text><rect x="150" y="${y}" width="${(x(n) - 150).toFixed(1)}" height="${bar - 3}" fill="${colours[i]}"/><text x="${Number(x(n)) + 6}" y="${y + 12}">${short(n)}</text>`,
      )
      y += bar
    })
    if (!Number.isNaN(bound))
      parts.push(
        `<line x1="${x(bound)}" x2="${x(bound)}" y1="${from - 2}" y2="${y}" stroke="#cf222e" stroke-width="2" stroke-dasharray="4 2"/>`,
      )
    y += gap + 8
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" viewBox="0 0 ${width} ${y}" role="img" font-family="sans-serif" font-size="12" fill="#1f2328">
<title>NetCruiser Mail beside its peers</title>
<rect width="${width}" height="${y}" fill="#ffffff"/>
<text x="${left}" y="20">Each group has its own scale; the dashed line is the target.</text>
${parts.join('\n')}
</svg>
`
}

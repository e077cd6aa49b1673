// All settings as a text of documentation. Pure.
import type { SettingLine } from './settings.ts'

/** The tables of docs/guide.md, one a section, from the schema. */
export function settingsTable(lines: readonly SettingLine[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const row = ({ name, default: standard, about }: SettingLine): string =>
    `| \`${name}\` | \`${cell(JSON.stringify(standard))}\` | ${cell(about)} |`
  const sections = Map.groupBy(lines, ({ name }) => name.split('.')[0])
  const table = ([section, own]: [string | undefined, SettingLine[]]): string =>
    [`### Settings ${section}`, '', '| setting | default | what it does |', '|---|---|---|', ...own.map(row)].join('\n')
  return [...sections].map(table).join('\n\n')
}

// Settings as they are now: the schema's defaults with the changed rows of the store over them. Changes take effect at once,
// but for those whose sentence says that they count from the next start.
import { z } from 'zod'
import { settingsSchema, type Settings } from '#/config/settings.ts'
import type { Store } from '#/storage/store.ts'
import { OperationError } from './errors.ts'

export type SettingsHolder = {
  readonly now: () => Settings
  /** Would these changes be taken? @throws OperationError naming each wrong value */
  check(changes: ReadonlyMap<string, unknown>): void
  /** All or nothing. A value of undefined goes back to the default. @throws OperationError naming each wrong value */
  change(changes: ReadonlyMap<string, unknown>, by: { who: string; at: number }): Promise<void>
  readonly changed: () => ReadonlyMap<string, unknown>
}
type Nested = Record<string, Record<string, unknown>>

/** @throws StoreError when the settings cannot be read. */
export async function openSettings(store: Store): Promise<SettingsHolder> {
  let rows: ReadonlyMap<string, unknown> = await store.settings()
  let current = parse(rows)
  return {
    now: () => current,
    changed: () => rows,
    check: (changes) => void parse(merged(rows, changes)),
    async change(changes, { who, at }) {
      parse(merged(rows, changes))
      await store.putSettings(changes, who, at)
      rows = merged(rows, changes) // another change may have been made meanwhile
      current = parse(rows)
    },
  }
}

function merged(rows: ReadonlyMap<string, unknown>, changes: ReadonlyMap<string, unknown>): Map<string, unknown> {
  const next = new Map(rows)
  for (const [name, value] of changes) {
    if (value === undefined) next.delete(name)
    else next.set(name, value)
  }
  return next
}

function parse(rows: ReadonlyMap<string, unknown>): Settings {
  const nested: Nested = {}
  for (const [name, value] of rows) {
    const [section = '', key = ''] = name.split('.')
    ;(nested[section] ??= {})[key] = value
  }
  const result = settingsSchema.safeParse(nested)
  if (result.success) return result.data
  const words = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new OperationError(`These settings cannot be used: ${words.join('; ')}`)
}

export type SettingLine = {
  readonly name: string
  readonly value: unknown
  readonly default: unknown
  readonly changed: boolean
  readonly about: string
  /** Its form as a JSON schema: type, bounds, choices. */
  readonly form: Readonly<Record<string, unknown>>
}

/** Every setting with its value, default and sentence. */
export function describeSettings(now: Settings): SettingLine[] {
  const defaults = settingsSchema.parse({}) as unknown as Nested // sections of values
  const values = now as unknown as Nested
  return Object.entries(settingsSchema.shape).flatMap(([section, wrapped]) =>
    Object.entries(wrapped.unwrap().shape).map(([key, schema]): SettingLine => {
      const [value, standard] = [values[section]?.[key], defaults[section]?.[key]]
      const about = (schema as { description?: string }).description ?? '' // every zod type has it
      return {
        name: `${section}.${key}`,
        value,
        default: standard,
        changed: JSON.stringify(value) !== JSON.stringify(standard),
        about,
        form: formOf(`${section}.${key}`, schema),
      }
    }),
  )
}

const forms = new Map<string, Readonly<Record<string, unknown>>>()

function formOf(name: string, schema: z.ZodType): Readonly<Record<string, unknown>> {
  const known = forms.get(name)
  if (known) return known
  const { $schema: _, ...form } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  forms.set(name, form)
  return form
}

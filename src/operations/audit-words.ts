// What the audit keeps of the parameters of an act: enough to know what was done, no secret, no mail, bounded. Pure. WEB-14
const secretKey = /password|passphrase|secret|token|ticket|code|cameback|hash|credential|^key$|pem$|private/i
/** The content of messages and of world files. */
const contentKey = /^(?:text|html|body|raw|content|octets|subject|attachments?|message|certificate)$/i
const textCharsMax = 200
const itemsMax = 20
const depthMax = 5
const jsonCharsMax = 4_000

export function auditWords(parameters: unknown): string {
  const json = JSON.stringify(told(parameters, 0)) ?? 'null'
  return json.length <= jsonCharsMax ? json : JSON.stringify({ parameters: `${json.length} characters` })
}

function told(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length <= textCharsMax ? value : sized(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === depthMax) return '...'
  if (Array.isArray(value)) {
    const items = value.slice(0, itemsMax).map((item) => told(item, depth + 1))
    return value.length > itemsMax ? [...items, `and ${value.length - itemsMax} more`] : items
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, member(key, one, depth)]))
}

function member(key: string, value: unknown, depth: number): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (secretKey.test(key)) return 'hidden'
  if (contentKey.test(key)) return typeof value === 'string' ? sized(value) : 'content'
  return told(value, depth + 1)
}

const sized = (text: string): string => `${text.length} characters`

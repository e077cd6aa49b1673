// Light, dark or as the system has it; remembered by this browser.
const order = ['auto', 'light', 'dark'] as const
export type Theme = (typeof order)[number]

const kept = (): Theme => order.find((name) => name === remembered('nc-theme')) ?? 'auto'
let current = $state<Theme>(kept())

export const theme = (): Theme => current

export function nextTheme(): void {
  current = order[(order.indexOf(current) + 1) % order.length]!
  remember('nc-theme', current)
  applyTheme()
}

export function applyTheme(): void {
  if (current === 'auto') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = current
}

/** What this browser remembers; null where it may not. */
export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value)
  } catch {
    // not remembered, still in force
  }
}

// What a browser says of itself, in two or three words. Pure; the words are names, the same in every language.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bCriOS\/|\bChrom(?:e|ium)\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]
const first = (list: typeof browsers, agent: string): string | undefined => list.find(([form]) => form.test(agent))?.[1]

/** `Firefox, Windows`; what it says where nothing is known of it; null when it says nothing. */
export function agentWords(agent: string): string | null {
  const words = [first(browsers, agent), first(systems, agent)].filter((word) => word !== undefined)
  if (words.length > 0) return words.join(', ')
  return agent.trim() === '' ? null : agent.slice(0, 40)
}

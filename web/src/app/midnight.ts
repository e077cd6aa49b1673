// The last midnight where the page is looked at.
export function midnight(now = new Date()): number {
  const day = new Date(now)
  return day.setHours(0, 0, 0, 0)
}

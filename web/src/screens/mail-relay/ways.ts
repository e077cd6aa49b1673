// Names of the routes of an exception. Pure.
type Words = {
  readonly routeMx: string
  readonly routeAddress: string
  readonly routeHold: string
  readonly routeFail: string
}

export function wayWords(route: string, words: Words): string {
  if (route === 'mx') return words.routeMx
  if (route === 'address') return words.routeAddress
  if (route === 'hold') return words.routeHold
  if (route === 'fail') return words.routeFail
  return route.replace(/^alternate:/, '')
}

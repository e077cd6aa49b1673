// What is left of a style attribute: properties and values from a list, written anew. Nothing that loads, moves or covers. Pure.
// WEB-02: no url(), no import, no expression, no escape and no comment can come out, because no such character can.

const around = ['', '-top', '-right', '-bottom', '-left'].flatMap((side) => [
  `padding${side}`,
  `margin${side}`,
  `border${side}`,
])
const others = `color background-color text-align text-decoration text-transform vertical-align white-space
  font-family font-size font-style font-weight line-height letter-spacing direction
  width max-width min-width height border-collapse border-spacing list-style-type
  border-color border-style border-width border-radius`
const properties: ReadonlySet<string> = new Set([...around, ...others.split(/[ \n]+/)])
const value = /^[#%., "'A-Za-z0-9-]{1,200}$/
const colour = /\b(?:rgb|rgba|hsl|hsla)\([0-9%., ]{1,40}\)/gi
const declarationsMax = 60

/** Empty when nothing is left. */
export function safeStyle(style: string): string {
  const kept: string[] = []
  for (const declaration of style.slice(0, 10_000).split(';').slice(0, declarationsMax)) {
    const [name = '', ...rest] = declaration.split(':')
    const property = name.trim().toLowerCase()
    const text = rest
      .join(':')
      .trim()
      .replace(/!important$/i, '')
      .trim()
    if (properties.has(property) && isPlain(property, text)) kept.push(`${property}: ${text}`)
  }
  return kept.join('; ')
}

/** Outside of colours there are no parentheses, and no length pulls anything out of its place. */
function isPlain(property: string, text: string): boolean {
  if (!value.test(text.replace(colour, 'c'))) return false
  return !(property.startsWith('margin') && text.includes('-'))
}

/** Does it ask for something from elsewhere? Counted as a picture that was not loaded. */
export const loadsSomething = (style: string): boolean => /url\s*\(|image-set\s*\(|@import/i.test(style)

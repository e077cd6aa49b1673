// The messages of the torture rig: all octets follow from the name, so that a reader can tell a whole one from a torn one.

const line = `${'0123456789abcdef'.repeat(4)}\r\n`

/** 200 octets to 8 KiB; each twentieth is 280 to 600 KiB, which lies in a file of its own. */
function lines(number: number): number {
  const spread = (number * 2_654_435_761) % 4_294_967_296
  return number % 20 === 7 ? 4_400 + (spread % 4_900) : 3 + (spread % 120)
}

/** `name` ends in the number that decides the size. */
export const messageOf = (name: string): string =>
  `Subject: ${name}\r\n\r\n${line.repeat(lines(Number(name.split('-').at(-1))))}`

export const nameOf = (message: string): string => /^Subject: (.*)\r\n/m.exec(message)?.[1] ?? ''

/** Whether what was read, behind the fields that the server put on top, is the message of that name. */
export const isWhole = (read: string): boolean => read.endsWith(`\r\n${messageOf(nameOf(read))}`)

// Ceilings of the pop3-client room's conversation that are no settings.

/** Commands that may be out at once where the server takes them in a row. RFC 2449 §6.8: no more than fits its TCP window. */
export const windowMax = 128
/** More are sent when so few are still unanswered: a group of commands travels as one segment. */
export const refillAt = 64
export const commandBytesMax = 255 // RFC 2449 §4: a longer first message of AUTH goes by itself. RFC 5034 §4
export const capabilitiesMax = 100 // no RFC
export const loginDelaySecondsMax = 86_400 // no RFC: a server that wants to be asked less often than daily is not believed
export const challengesMax = 8 // no RFC: a server that asks for ever gets no more answers
/** Lines of a list that must come within the time for one reply: a slow dripper gains nothing. P3C-01 */
export const linesAtOnce = 1000
export const warningsMax = 100
/** What is kept of a header section, and after how much more the server is not asked any further. */
export const headBytesMax = 1_048_576
export const headEndlessBytes = 33_554_432
/** Text of the server that is quoted to people, and of one line in a warning. */
export const wordsCharsMax = 300
export const lineCharsMax = 60
/** Addresses of one host that are tried. */
export const addressesMax = 8
/** How often a server that waits for us hears that we are still there. RFC 1939 §3: it may hang up after 10 minutes. */
export const keepAliveMs = 120_000
/** Shorter secrets are not masked in the server's words: blackening each of their letters would tell them. */
export const secretCharsMin = 3

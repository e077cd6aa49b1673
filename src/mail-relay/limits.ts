// Ceilings of the outgoing conversation that no setting changes. Times are settings: RFC 5321 §4.5.3.2 names the least.
// Used by session.ts and its parts.

export const commandBytesMax = 512 // RFC 5321 §4.5.3.1.4: a longer first message of AUTH goes by itself. RFC 4954 §4
export const sizeDigitsMax = 20 // RFC 1870 §4: more is no size

// What the console allows, in octets, in time and in number. HTTP has no minimum of its own for these (RFC 9110 §2.3).
/** One request of the API. */
export const bodyBytesMax = 1_048_576
/** A world file of 100,000 mailboxes. */
export const worldBytesMax = 67_108_864
/** An mbox that is brought along. */
export const uploadBytesMax = 4_294_967_296
export const headerBytesMax = 16_384
export const headersMs = 10_000
/** A request's own time; an upload goes on as long as octets come. */
export const requestMs = 300_000
/** Pages that are told what changed. */
export const listenersMax = 200
export const eventsEveryMs = 500
/** So that a proxy between does not take a quiet line for a dead one. */
export const keepAliveMs = 15_000
export const userAgentCharsMax = 200

// Ceilings of a POP3 session that no operator needs to change; the others are settings (pop3Server.*).

/** RFC 2449 §4 */
export const commandBytesMax = 255
export const authBytesMax = 12_288
export const handshakeMs = 30_000
/** What is read ahead for a client that takes messages in order. */
export const runMessagesMax = 256
export const runBytesMax = 1_048_576
/** Before it is known that a client goes on in order. */
export const firstRunMessages = 8
/** Lines of LIST and UIDL made at once: nothing blocks for long. */
export const linesAtOnce = 4096

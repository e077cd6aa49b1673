// Ceilings of a POP3 session that no operator needs to change; the others are settings (pop3Server.*).

/** RFC 2449 §4 */
export const commandBytesMax = 255
export const authBytesMax = 12_288
export const handshakeMs = 30_000
/** What is read ahead for a client that takes messages in order: two such runs at most, each of which its last message,
 *  of 256 KiB at most, may exceed. So a session holds 2 MiB. */
export const runMessagesMax = 256
export const runBytesMax = 786_432
/** Before it is known that a client goes on in order. */
export const firstRunMessages = 8
/** Lines of LIST and UIDL made at once: nothing blocks for long. */
export const linesAtOnce = 4096
/** How often sessions are looked through: octets that nobody asked for are dropped. */
export const careMs = 5_000
/** Message names noted in the trace of a session. */
export const notedMax = 1000
/** Mailboxes whose last login is remembered for LOGIN-DELAY. */
export const enteredMax = 100_000

// Ceilings of the tutorial room.

/** A practice world that nobody plays in is taken down after so long. */
export const idleMs = 30 * 60_000
/** How long the pretend servers and programs wait for the other side's next line. */
export const patienceMs = 15_000
/** How long a step waits for what it wants to show. */
export const stepMs = 20_000
export const lookMs = 50

/** How long sent mail waits before its first attempt, so that there is something to take back. */
export const undoMs = 2_000
/** "Come again later", in a world where nobody wants to wait ten minutes. */
export const retryMs = 4_000

/** RFC 5321 §4.5.3.1.6 asks for 1000; our own letters are short. */
export const lineBytesMax = 4_096
/** Lines of one conversation that are kept, and how much of each. */
export const linesMax = 200
export const lineCharsMax = 500
/** Events of the trace that are told in one step. */
export const eventsMax = 200

// What may stand for the rest of a domain in place of a mailbox or an address. Read by the directory; no mailbox has such
// a name. AD-15

/** Refused: the same as nothing at all. */
export const rejectRest = 'reject'
/** Taken, traced, and kept nowhere. */
export const discardRest = 'discard'

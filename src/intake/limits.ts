// Ceilings of intake.

/** No RFC: a header section above it is an attack or a mistake. */
export const headerBytesMax = 1024 * 1024
export const fieldsMax = 1000
/** Of the field by which collected mail was distributed, in the trace. */
export const namingCharsMax = 300
/** A sender is answered once in so many days for an owner who is away. RFC 3834 §2, RFC 5230 §4.2: 7 by default */
export const awayAgainMs = 7 * 86_400_000
/** Answers of one mailbox in an hour: whoever is written to by more is flooded. Bounds with the days how many are remembered. */
export const awayPerHourMax = 100
/** Messages whose answer is still to be made, and addressees that are looked for the owner among. */
export const awayWaitingMax = 1000
export const awayAddresseesMax = 1000
export const awayAddresseesBytesMax = 65_536

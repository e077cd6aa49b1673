// Ceilings of intake.

/** No RFC: a header section above it is an attack or a mistake. */
export const headerBytesMax = 1024 * 1024
export const fieldsMax = 1000
/** Of the field by which collected mail was distributed, in the trace. */
export const namingCharsMax = 300

// Ceilings of the mail-relay room that are no settings.

/** Mail exchangers of one domain whose addresses are looked up in one attempt. */
export const exchangersMax = 20

// Ceilings of the mail-relay room that are no settings.

/** Mail exchangers of one domain whose addresses are looked up in one attempt. */
export const exchangersMax = 20
/** Life that an access token must still have to be shown: a slow conversation may take as long. */
export const tokenSpareMs = 60_000

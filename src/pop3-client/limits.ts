// Ceilings of the pop3-client room that are no settings.

/** Life that an access token must still have to be shown: a slow sign-in may take as long. */
export const tokenSpareMs = 120_000
/** How long a sign-in lasts when the app of the provider is "in testing", and how far from it we may notice. PC-03 */
export const testAppLifeMs = 7 * 86_400_000
export const testAppSlackMs = 86_400_000

// Ceilings of the accounts room.

/** argon2id: OWASP's first choice of memory and passes. */
export const argon2Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
export const scramIterations = 15_000 // RFC 7677 §4 asks for 4096 at least
export const passwordBytesMax = 1024
/** Mapping chains: a → b → c, and how many mailboxes one address may reach. AD-10 */
export const mappingDepthMax = 20
export const mappingMembersMax = 1000
/** Addresses that one mailbox sends its mail on to. */
export const forwardsMax = 10
/** Characters of what a mailbox answers while its owner is away. */
export const awayTextCharsMax = 4000
export const awaySubjectCharsMax = 200
/** Clients, and names, that the throttle remembers: those that failed a few times, and those that it slows down. */
export const throttledMax = 50_000
/** Verified passwords remembered. */
export const rememberedMax = 10_000
/** How long a login waits for its turn to be hashed. AUT-10 */
export const hashWaitMs = 10_000
/** App passwords of one mailbox. */
export const appPasswordsMax = 10
export const appLabelCharsMax = 64
/** Letters of 5 bits: 40 bits find the row, 80 bits are the secret. */
export const appSelectorChars = 8
export const appSecretChars = 16
/** Of an access or a refresh token; Microsoft's have some 2,000. */
export const tokenCharsMax = 8192
/** How long an access token is good when the provider does not say, and at most, whatever it says. */
export const tokenLifeDefaultMs = 3_600_000
export const tokenLifeMaxMs = 86_400_000
/** Of what a provider says about an error. */
export const oauthWordsMax = 500
/** How often a provider is asked whether somebody has typed the code: when it does not say (RFC 8628 §3.2: 5 s), at most;
 *  how much more seldom when it says so (RFC 8628 §3.5: 5 s). */
export const deviceIntervalDefaultMs = 5_000
export const deviceIntervalMaxMs = 60_000
export const deviceSlowerMs = 5_000
/** How long a code for devices may be typed; how long a sign-in in a browser may take. */
export const deviceLifeMaxMs = 1_800_000
export const codeLifeMs = 1_800_000
/** Characters of a code or an address that a provider lets us show. */
export const signInTextMax = 1_000
/** A browser that is signed in: as long as it is used, and at most. NIST SP 800-63B §2.2.3 asks for 30 days at most. */
export const sessionIdleMs = 43_200_000
export const sessionLifeMs = 2_592_000_000
/** Of one person, and of all; the one that was used least lately makes room. */
export const sessionsOfOneMax = 50
export const sessionsMax = 10_000
export const sessionBytes = 32
/** What a browser says of itself. */
export const agentCharsMax = 200
/** How often it is written down that a session or a token is used. */
export const useNotedEveryMs = 60_000
/** Of the one-time link that sets the first administrator. */
export const setupTokenBytes = 16
/** Sign-ins that may wait for their turn, of one network and of all. */
export const signInsOfOneMax = 5
export const signInsMax = 500
export const signInBusyMs = 5_000
export const administratorNameCharsMax = 64
/** NIST SP 800-63B §3.1.1.2: 8 at least; the password of an administrator opens all mail. */
export const administratorPasswordCharsMin = 10
/** Wrong codes of the second step until it waits: only who knows the password gets this far. */
export const codeTriesMax = 10
export const codeWaitMs = 3_600_000
export const totpSecretBytes = 20 // RFC 4226 §4, R6: 128 bits at least, 160 recommended
export const totpPeriodMs = 30_000
/** Steps to either side that are taken. RFC 6238 §5.2: at most one of network delay */
export const totpWindow = 1
export const recoveryCodes = 10
export const recoveryCodeChars = 16 // of 5 bits
/** API tokens of the server. */
export const tokensMax = 1_000
export const tokenSecretChars = 26 // of 5 bits

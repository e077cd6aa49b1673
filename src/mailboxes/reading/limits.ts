// What is taken apart of a message that somebody reads, and what it may cost. Mail has no limits of its own: RFC 5322 gives
// none for a message, RFC 2046 none for parts. What is behind a ceiling is told, never lost: the source can always be saved.

/** Octets of a message that are taken apart; a larger one is shown as far as this. */
export const viewedBytesMax = 67_108_864
/** All header sections of a message together, and the fields that are listed. */
export const headersBytesMax = 1_048_576
export const fieldsMax = 1000
export const fieldCharsMax = 10_000
/** Multiparts within each other. */
export const depthMax = 50
export const attachmentsMax = 500
export const peopleMax = 100
/** Characters of a text, and of HTML before it is made safe. */
export const textCharsMax = 1_000_000
export const htmlCharsMax = 2_000_000
/** Tags, open or closed: what a sanitiser needs grows faster than their number when they stand within each other. */
export const htmlTagsMax = 20_000
export const htmlDepthMax = 200
export const linksMax = 200
/** Pictures that come with the message and are shown in its text: each, and together. */
export const pictureBytesMax = 2_097_152
export const picturesBytesMax = 8_388_608

/** One call of the thread. */
export const viewMs = 10_000
export const viewHeapMegabytesMax = 384
export const viewsWaitingMax = 20
/** Views that are kept in memory, because a page asks for the parts of one message in turn. */
export const viewsKeptBytesMax = 16_777_216

/** Of each content, for a row of a list. */
export const headBytes = 16_384
/** A preview in a row. */
export const previewChars = 140
/** Of the source that is shown; all of it can be saved. */
export const sourceBytesMax = 262_144
/** Messages that one search looks through before it asks whether to go on. */
export const searchedMax = 5000
export const searchMs = 1500

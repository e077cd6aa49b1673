// Ceilings of SPF, with the numbers of RFC 7208 §4.6.4 beside them.

/** include, a, mx, ptr, exists and redirect, in all records together: 10. */
export const spfTermsMax = 10
/** Questions without an answer: 2. */
export const spfVoidsMax = 2
/** Mail exchangers of one `mx`; names of one address: 10. */
export const spfNamesMax = 10
/** The whole check: "at least 20 seconds". */
export const spfMs = 20_000
/** §7.3: labels are taken off the left of a longer name. */
export const spfNameBytesMax = 253
/** §3.4 advises 450; a longer one than ours is no honest record. */
export const spfRecordBytesMax = 8_192

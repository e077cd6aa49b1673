// Ceilings of what this room composes and takes apart, with the RFC's minimum beside them where there is one.

/** Octets of a line without its CRLF. RFC 5322 §2.1.1: at most 998 */
export const lineBytesMax = 998
/** Characters of a folded line that we write. RFC 5322 §2.1.1: 78 recommended */
export const foldedCharsMax = 78
/** A content above this size is not returned in a notice, its header section only. DS-09 */
export const returnedContentBytesMax = 51_200
/** Of the header section that a notice returns. */
export const returnedHeaderBytesMax = 65_536
/** Of another server's words quoted in a notice, for each recipient. HDR-06 */
export const quotedCharsMax = 1024
/** Recipients that a notice names in its text and in X-Failed-Recipients; its report names all. */
export const recipientsNamedMax = 100
/** Addresses read from the header fields of a submitted message. RFC 5321 §4.5.3.1.8: at least 100 recipients */
export const listedAddressesMax = 10_000
/** Octets of a local part. RFC 5321 §4.5.3.1.1: at least 64, and no more are sure to pass */
export const localBytesMax = 64
/** Multiparts and messages within each other, and parts of one message, that are walked. No RFC: RO-23 */
export const nestingMax = 20
export const partsMax = 1000
/** Messages of a thread that an answer names, and characters of the subject that it repeats. */
export const referencesMax = 20
export const repeatedSubjectCharsMax = 200

// Ceilings of archives. RFC 4155 (mbox) and APPNOTE (zip) have none.

/** A line that is longer is passed on in pieces; only its beginning can be a separator. */
export const heldLineBytesMax = 65_536
/** One message. It is skipped and told. */
export const messageBytesMax = 157_286_400
/** What one entry of a zip may unfold to. */
export const unfoldedBytesMax = 8_589_934_592
/** Messages whose checksum is found without reading them twice. */
export const heldMessageBytesMax = 8_388_608
export const zipNameBytesMax = 4096

// Ceilings of the SMTP conversation that no setting changes, with the minimum of the RFC beside each. The adjustable ones
// are in config/settings.ts under mailServer. Used by session.ts and the commands.

export const commandLineBytesMax = 2048 // RFC 5321 §4.5.3.1.4: at least 512, and room for extension parameters
export const authLineBytesMax = 12_288 // RFC 4954 §4: at least 12288
export const handshakeMs = 20_000 // no RFC: STL-07 asks for 10 to 30 seconds
export const softDelayMs = 1_000 // no RFC: what each reply waits after too many errors
export const sweepMs = 5_000 // no RFC: how often sessions are asked for their age

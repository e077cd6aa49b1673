// The unique id of a message that brought none along. Used where mail programs ask for it and where mail moves. RFC 1939 §7

/** 1 to 70 characters, the same for the life of the message. PS-07 */
export const uidlOf = (uidValidity: number, uid: number): string => `${uidValidity.toString(36)}.${uid.toString(36)}`

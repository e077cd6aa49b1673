// What an operator did wrong, in a sentence that says what to do instead.
export class OperationError extends Error {}

/** It is not theirs to ask. */
export class NotAllowed extends OperationError {}

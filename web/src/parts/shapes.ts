// The states of the design: shape first, colour second, word always.
export type Shape = 'ok' | 'wait' | 'held' | 'problem' | 'now' | 'off'

// The steps of the tutorial, in order.

export const tutorialSteps = [
  'world',
  'mailbox',
  'incoming',
  'refused',
  'reading',
  'sending',
  'later',
  'another-way',
  'collecting',
  'trace',
] as const

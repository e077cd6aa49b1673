// What happened to a message of the tutorial, in a few words.
import { texts } from '../app/texts.svelte.ts'

const en = {
  received: 'Came in and was stored',
  refused: 'Refused at once',
  read: 'Read by POP3',
  sent: 'Sent from here, queued',
  deferred: 'Asked to come again later',
  delivered: 'Delivered',
  removed: 'Deleted there, never fetched',
  collected: 'Collected from the old box',
  other: 'Something happened',
}
export type StoryWord = keyof typeof en

const de: Record<StoryWord, string> = {
  received: 'Kam herein und liegt hier',
  refused: 'Gleich abgewiesen',
  read: 'Mit POP3 gelesen',
  sent: 'Von hier gesendet, in der Schlange',
  deferred: 'Gebeten, später wiederzukommen',
  delivered: 'Zugestellt',
  removed: 'Dort gelöscht, nie geholt',
  collected: 'Aus dem alten Fach geholt',
  other: 'Etwas geschah',
}

export const story = texts({ en, de })

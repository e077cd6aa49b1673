// Saving changes.
import { texts } from '../app/texts.svelte.ts'

export const save = texts({
  en: {
    save: (n: number) => (n === 1 ? 'Save 1 change' : `Save ${n} changes`),
    undo: 'Undo',
    saving: 'Saving',
    notSaved: 'Not saved yet',
    saved: 'Saved.',
    was: (value: string) => `was ${value}`,
    default: (value: string) => `default ${value}`,
    empty: 'empty',
    wrongDuration: 'Write a time such as 30 s, 5 min, 4 h or 2 days.',
    wrongSize: 'Write a size such as 25 MB.',
    wrongNumber: 'Write a number.',
    yes: 'yes',
    no: 'no',
  },
  de: {
    save: (n: number) => (n === 1 ? '1 Änderung speichern' : `${n} Änderungen speichern`),
    undo: 'Zurücknehmen',
    saving: 'Speichert',
    notSaved: 'Noch nicht gespeichert',
    saved: 'Gespeichert.',
    was: (value: string) => `war ${value}`,
    default: (value: string) => `Vorgabe ${value}`,
    empty: 'leer',
    wrongDuration: 'Eine Dauer wie 30 s, 5 min, 4 h oder 2 Tage.',
    wrongSize: 'Eine Größe wie 25 MB.',
    wrongNumber: 'Eine Zahl.',
    yes: 'ja',
    no: 'nein',
  },
})

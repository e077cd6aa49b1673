// What each part of the program is doing.
import type { PartCode, PartName, State } from '../../../src/operations/status-shapes.ts'
import { texts } from '../app/texts.svelte.ts'

type Doing = Record<PartCode, string>
const en: Doing = {
  stopped: 'Does not run',
  'not-asked': 'Not started: no listener was asked for',
  'nothing-listens': 'Could not take {address:mono}: {problem:q}',
  'some-listen': 'Runs, but could not take {address:mono}: {problem:q}',
  'disk-full': 'Takes no mail: the disk is full',
  'store-failed': 'Takes no mail: the disk reported an error',
  taking: 'Taking mail for {domains:domain/domains}, forwarding for {entries:entry/entries}',
  'taking-only': 'Taking mail for {domains:domain/domains}',
  paused: 'Paused by hand; {open:delivery waits/deliveries wait}',
  'no-route': 'No route is ticked, so mail is held',
  trouble: 'Delivers what it can; {problems:thing/things} to solve',
  'asked-to-wait': 'Delivering; {destinations:destination asks/destinations ask} us to wait',
  delivering: 'Delivering',
  idle: 'Nothing waits',
  access: '{mailboxes} of {of:mailbox has/mailboxes have} POP3 access',
  disabled: 'Switched off',
  'no-accounts': 'No account is collected yet',
  'needs-you': '{collecting} of {of:account collects/accounts collect}; {stopped} needs you',
  failing: '{failing} of {of:account fails/accounts fail} and is tried again',
  'accounts-paused': 'All accounts are paused',
  collecting: 'Collects {of:account/accounts}',
  'open-here': 'Open to this machine',
  'open-network': 'Open to the network',
}
const de: Doing = {
  stopped: 'Läuft nicht',
  'not-asked': 'Nicht gestartet: kein Anschluss war gewünscht',
  'nothing-listens': 'Konnte {address:mono} nicht nehmen: {problem:q}',
  'some-listen': 'Läuft, konnte aber {address:mono} nicht nehmen: {problem:q}',
  'disk-full': 'Nimmt keine Mail: die Platte ist voll',
  'store-failed': 'Nimmt keine Mail: die Platte meldete einen Fehler',
  taking: 'Nimmt Mail für {domains:Domain/Domains}, leitet weiter für {entries:Eintrag/Einträge}',
  'taking-only': 'Nimmt Mail für {domains:Domain/Domains}',
  paused: 'Von Hand angehalten; {open:Zustellung wartet/Zustellungen warten}',
  'no-route': 'Kein Weg ist angekreuzt, also wird Mail gehalten',
  trouble: 'Stellt zu, was geht; {problems:Sache/Sachen} zu lösen',
  'asked-to-wait': 'Stellt zu; {destinations:Ziel bittet/Ziele bitten} um Geduld',
  delivering: 'Stellt zu',
  idle: 'Nichts wartet',
  access: '{mailboxes} von {of:Postfach/Postfächern} mit POP3-Zugang',
  disabled: 'Abgeschaltet',
  'no-accounts': 'Noch kein Konto wird abgeholt',
  'needs-you': '{collecting} von {of:Konto/Konten} werden abgeholt; {stopped} braucht Sie',
  failing: '{failing} von {of:Konto/Konten} schlägt fehl und wird wieder versucht',
  'accounts-paused': 'Alle Konten ruhen',
  collecting: 'Holt {of:Konto/Konten} ab',
  'open-here': 'Offen für diese Maschine',
  'open-network': 'Offen für das Netz',
}
export const doing = texts({ en, de })

type Names = Record<PartName, string>
const names: Names = {
  'mail-server': 'Mail Server',
  'mail-relay': 'Mail Relay',
  'pop3-server': 'POP3 Server',
  'pop3-client': 'POP3 Client',
  console: 'Console',
}
export const partTexts = texts({ en: names, de: { ...names, console: 'Konsole' } })

type States = Record<State, string>
const words: States = { ok: 'Running', wait: 'Waiting', held: 'Paused', problem: 'Needs you', off: 'Off' }
const worte: States = { ok: 'Läuft', wait: 'Wartet', held: 'Angehalten', problem: 'Braucht Sie', off: 'Aus' }
export const stateTexts = texts({ en: words, de: worte })

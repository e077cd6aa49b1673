// The mail of the practice world, and who lives in it. Names end in .test, which nobody can own. RFC 2606 §2

export const home = 'home.test'
export const hostname = `mail.${home}`
/** A school whose server sends here. */
export const school = { domain: 'school.test', host: 'mx.school.test', address: 'office@school.test' }
/** A server that asks strangers to come again. */
export const harbour = { domain: 'harbour.test', host: 'mx.harbour.test', address: 'grace@harbour.test' }
/** A domain whose exchanger does not answer. */
export const quay = { domain: 'quay.test', host: 'mx.quay.test', address: 'tom@quay.test' }
/** The provider's server: the other way out. */
export const provider = { name: 'provider', host: 'smtp.provider.test' }
/** Where the mail of before lies. */
export const old = { host: 'pop.old.test', user: 'me', password: 'old-secret' }
/** Of the mailbox that is made in the tutorial. */
export const password = 'sunny-harbour-7'

type Letter = { readonly from: string; readonly to: string; readonly subject: string; readonly text: readonly string[] }

/** Its lines, dots not stuffed. RFC 5322 §2.1 */
export const letter = ({ from, to, subject, text }: Letter, id: string): string[] => [
  `From: ${from}`,
  `To: ${to}`,
  `Subject: ${subject}`,
  'Date: Mon, 02 Nov 2026 09:00:00 +0000',
  `Message-ID: <${id}@practice.test>`,
  '',
  ...text,
]

export const boatTrip = (to: string): string[] =>
  letter(
    { from: school.address, to, subject: 'Boat trip on Sunday', text: ['We meet at ten at the harbour.'] },
    'boat-trip',
  )

/** What lies in the old box, by UID. */
export const oldLetters: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'old-1',
    letter(
      {
        from: 'uncle@old.test',
        to: 'me@old.test',
        subject: 'Photos of the garden',
        text: ['The roses are out.', 'Come and see them.'],
      },
      'garden',
    ),
  ],
  [
    'old-2',
    letter(
      {
        from: 'shop@lucky.test',
        to: 'me@old.test',
        subject: 'YOU HAVE WON',
        text: Array.from(
          { length: 400 },
          () => 'Click here, click here, click here, click here, click here, click here.',
        ),
      },
      'won',
    ),
  ],
  [
    'old-3',
    letter(
      {
        from: 'library@old.test',
        to: 'me@old.test',
        subject: 'Your book is back',
        text: ['It waits for you at the desk.'],
      },
      'book',
    ),
  ],
])
export const junkUid = 'old-2'

// Well-known providers of mailboxes: where their POP3 is, how one signs in there, and what they do with mail that was fetched.
// Called by operations when somebody adds a remote account. Data, no code of ours depends on any of it; who says otherwise wins.
// Servers and domains: github.com/thunderbird/autoconfig (ispdb), read in November 2026; advice: the providers' own pages.

/** `app password`: one that the provider makes for a single program. */
export type SignInWay = 'oauth' | 'app password' | 'password'

export type Provider = {
  readonly name: string
  /** Of addresses; empty where customers have domains of their own. */
  readonly domains: readonly string[]
  /** TLS from the start, port 995. Null: this provider has no POP3. */
  readonly host: string | null
  readonly user: 'address' | 'local part'
  /** What works, the best first. */
  readonly ways: readonly SignInWay[]
  readonly oauth: ProviderOauth | null
  /** It refuses those that come more often; null: it says nothing. */
  readonly intervalMs: number | null
  /** Sentences for whoever adds an account. */
  readonly advice: readonly string[]
}
export type ProviderOauth = {
  readonly tokenEndpoint: string
  readonly authorizationEndpoint: string
  readonly deviceEndpoint: string | null
  readonly scopes: readonly string[]
}

const list = (words: string): readonly string[] => words.trim().split(/ +/)
const plain: Omit<Provider, 'name' | 'domains' | 'host'> = {
  user: 'address',
  ways: ['password'],
  oauth: null,
  intervalMs: null,
  advice: [],
}
const onceAllowed = 'Allow access by POP3 once, in the e-mail settings on its web pages.'
const appPassword = 'Make a password for this program on its security pages: the password of the web pages is refused.'
const twoFactors = 'With two-factor authentication make a password for this program on its security pages.'

/** `tenant`: "consumers" has personal accounts, "common" has those of firms and schools too. */
const microsoft = (tenant: string): ProviderOauth => ({
  tokenEndpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
  authorizationEndpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`,
  deviceEndpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/devicecode`,
  scopes: ['https://outlook.office.com/POP.AccessAsUser.All', 'offline_access'],
})

export const providers: readonly Provider[] = [
  {
    ...plain,
    name: 'Gmail',
    domains: list('gmail.com googlemail.com'),
    host: 'pop.gmail.com',
    ways: ['app password', 'oauth'],
    // No code for devices: Google gives it no scope for mail. A refresh token comes with these parameters.
    oauth: {
      tokenEndpoint: 'https://oauth2.googleapis.com/token',
      authorizationEndpoint: 'https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent',
      deviceEndpoint: null,
      scopes: ['https://mail.google.com/'],
    },
    intervalMs: 300_000,
    advice: [
      'Turn POP on in the settings of Gmail, "Forwarding and POP/IMAP". There you choose as well what Gmail does with a message that was fetched: keep, archive or delete it, whatever is set here.',
      'An app password needs 2-Step Verification. Accounts of Google Workspace take OAuth only.',
      'OAuth needs a client of your own at Google, type "Desktop app", whose publishing status is "In production": in testing each sign-in ends after seven days.',
      'Gmail lists some 250 messages at a time, the oldest that no program has fetched yet, and no more of a message once it was fetched: what is to be deleted there later is not seen again. With "recent:" before the user name it lists the last 30 days again and again.',
    ],
  },
  {
    ...plain,
    name: 'Outlook.com',
    domains: list(
      'outlook.com hotmail.com live.com msn.com windowslive.com outlook.at outlook.be outlook.cl outlook.cz outlook.de outlook.dk ' +
        'outlook.es outlook.fr outlook.hu outlook.ie outlook.in outlook.it outlook.jp outlook.kr outlook.lv outlook.my outlook.ph ' +
        'outlook.pt outlook.sa outlook.sg outlook.sk outlook.co.id outlook.co.il outlook.co.th outlook.com.ar outlook.com.au ' +
        'outlook.com.br outlook.com.gr outlook.com.tr outlook.com.vn hotmail.be hotmail.ca hotmail.cl hotmail.cz hotmail.de ' +
        'hotmail.dk hotmail.es hotmail.fi hotmail.fr hotmail.gr hotmail.hu hotmail.it hotmail.lt hotmail.lv hotmail.my hotmail.nl ' +
        'hotmail.no hotmail.ph hotmail.rs hotmail.se hotmail.sg hotmail.sk hotmail.co.id hotmail.co.il hotmail.co.in hotmail.co.jp ' +
        'hotmail.co.kr hotmail.co.th hotmail.co.uk hotmail.co.za hotmail.com.ar hotmail.com.au hotmail.com.br hotmail.com.hk ' +
        'hotmail.com.tr hotmail.com.tw hotmail.com.vn live.at live.be live.ca live.cl live.cn live.de live.dk live.fi live.fr ' +
        'live.hk live.ie live.in live.it live.jp live.nl live.no live.ru live.se live.co.jp live.co.kr live.co.uk live.co.za ' +
        'live.com.ar live.com.au live.com.mx live.com.my live.com.ph live.com.pt live.com.sg livemail.tw',
    ),
    host: 'outlook.office365.com',
    ways: ['oauth'],
    oauth: microsoft('consumers'),
    advice: [
      'Turn POP on in the settings of Outlook.com, "Forwarding and IMAP": "Let devices and apps use POP".',
      'Passwords are refused. Register a client of your own at Microsoft Entra, for personal Microsoft accounts, as a public client with the redirect address http://localhost; its id is the client id, it needs no secret.',
    ],
  },
  {
    ...plain,
    name: 'Microsoft 365',
    domains: list('office365.com onmicrosoft.com'),
    host: 'outlook.office365.com',
    ways: ['oauth'],
    oauth: microsoft('common'),
    advice: [
      'Passwords are refused. Register a client at Microsoft Entra; an administrator of the firm may have to allow it, and POP for the mailbox.',
    ],
  },
  {
    ...plain,
    name: 'Yahoo Mail',
    domains: list(
      'yahoo.com ymail.com rocketmail.com myyahoo.com cox.net yahoo.de yahoo.it yahoo.fr yahoo.es yahoo.se yahoo.co.in yahoo.co.uk ' +
        'yahoo.co.nz yahoo.com.au yahoo.com.ar yahoo.com.br yahoo.com.mx',
    ),
    host: 'pop.mail.yahoo.com',
    ways: ['app password'], // no new clients for OAuth with the scope of mail
    advice: [appPassword],
  },
  {
    ...plain,
    name: 'AOL Mail',
    domains: list(
      'aol.com aim.com netscape.net netscape.com compuserve.com cs.com wmconnect.com aol.de aol.it aol.fr aol.es aol.se aol.co.uk ' +
        'aol.co.nz aol.com.au aol.com.ar aol.com.br aol.com.mx',
    ),
    host: 'pop.aol.com',
    ways: ['app password'],
    advice: [appPassword],
  },
  {
    ...plain,
    name: 'iCloud Mail',
    domains: list('icloud.com me.com mac.com'),
    host: null,
    ways: [],
    advice: ['iCloud has no POP3. Forward your mail in its settings instead.'],
  },
  {
    ...plain,
    name: 'GMX',
    domains: list('gmx.net gmx.de gmx.at gmx.ch gmx.eu gmx.biz gmx.org gmx.info mein.gmx mail.gmx email.gmx'),
    host: 'pop.gmx.net',
    advice: [onceAllowed, twoFactors],
  },
  {
    ...plain,
    name: 'GMX International',
    domains: list(
      'gmx.com gmx.tm gmx.us gmx.co.uk gmx.es gmx.fr gmx.ca gmx.cn gmx.co.in gmx.com.br gmx.com.my gmx.hk gmx.ie gmx.ph gmx.pt ' +
        'gmx.ru gmx.se gmx.sg gmx.tw gmx.com.tr gmx.it gmx.li',
    ),
    host: 'pop.gmx.com',
    advice: [onceAllowed, twoFactors],
  },
  {
    ...plain,
    name: 'WEB.DE',
    domains: ['web.de'],
    host: 'pop3.web.de',
    user: 'local part',
    intervalMs: 900_000,
    advice: [onceAllowed, 'It refuses to let anybody in more often than every 15 minutes.'],
  },
  {
    ...plain,
    name: 'mail.com',
    domains: list(
      'mail.com email.com post.com usa.com consultant.com dr.com engineer.com europe.com london.com iname.com',
    ),
    host: 'pop.mail.com',
  },
  {
    ...plain,
    name: 'Mail.ru',
    domains: list('mail.ru bk.ru list.ru inbox.ru'),
    host: 'pop.mail.ru',
    ways: ['app password'],
    advice: [appPassword],
  },
  {
    ...plain,
    name: 'Yandex Mail',
    domains: list('yandex.ru yandex.com yandex.net yandex.by yandex.kz yandex.ua ya.ru narod.ru'),
    host: 'pop.yandex.com',
    ways: ['app password'],
    advice: [
      'Turn POP3 on in the settings, "Email clients", and make an app password for mail.',
      'Yandex keeps messages that are deleted by POP3: delete them on its web pages.',
    ],
  },
  {
    ...plain,
    name: 'Zoho Mail',
    domains: list('zoho.com zohomail.com'),
    host: 'pop.zoho.com',
    advice: ['Turn POP access on in the settings of Zoho Mail.'],
  },
  {
    ...plain,
    name: 'Fastmail',
    domains: list('fastmail.com fastmail.fm messagingengine.com'),
    host: 'pop.fastmail.com',
    ways: ['app password'],
    advice: [appPassword],
  },
  {
    ...plain,
    name: 'Posteo',
    domains: list('posteo.de posteo.net posteo.at posteo.ch posteo.eu posteo.org posteo.com posteo.us posteo.uk'),
    host: 'posteo.de',
  },
  {
    ...plain,
    name: 'T-Online',
    domains: list('t-online.de magenta.de'),
    host: 'securepop.t-online.de',
    advice: ['Set up an e-mail password in the customer centre: the password of the web pages is refused.'],
  },
  {
    ...plain,
    name: 'IONOS',
    domains: list('online.de onlinehome.de sofortstart.de sofort-start.de sofortsurf.de sofort-surf.de go4more.de'),
    host: 'pop.ionos.de',
  },
  { ...plain, name: 'Strato', domains: ['strato.de'], host: 'pop3.strato.de' },
  {
    ...plain,
    name: 'OVHcloud',
    domains: [],
    host: 'pop.mail.ovh.net',
    advice: ['This is the server for Europe; America and Asia have pop.mail.ovh.ca.'],
  },
  { ...plain, name: 'Orange', domains: list('orange.fr wanadoo.fr'), host: 'pop.orange.fr' },
  { ...plain, name: 'Free', domains: ['free.fr'], host: 'pop.free.fr', user: 'local part' },
  { ...plain, name: 'Libero', domains: list('libero.it iol.it blu.it inwind.it giallo.it'), host: 'popmail.libero.it' },
]

const byDomain = new Map(providers.flatMap((one) => one.domains.map((domain) => [domain, one] as const)))

/** Of an address at one of its domains, or below a tenant's: ann@firm.onmicrosoft.com. */
export function providerFor(address: string): Provider | null {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  const parent = domain.slice(domain.indexOf('.') + 1)
  return byDomain.get(domain) ?? (parent === 'onmicrosoft.com' ? (byDomain.get(parent) ?? null) : null)
}

export const userAt = ({ user }: Provider, address: string): string =>
  user === 'address' ? address : address.slice(0, address.lastIndexOf('@'))

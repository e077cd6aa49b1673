// Hostile messages, and what is left of each. Nothing that runs, loads, sends or covers may come out, whatever came in.
// WEB-01, WEB-02, SX-04, SX-05, IMP-07. The browser's half of the proof is test/console-mail.test.ts.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { safeHtml } from './html.ts'
import { safeStyle } from './style.ts'
import { viewOf } from './view.ts'

const html = (text: string): string => safeHtml(text, () => null).html

/** In no output, whatever the input. */
const forbidden: readonly RegExp[] = [
  /<(?!\/?(?:table|caption|colgroup|col|thead|tbody|tfoot|tr|th|td|div|p|center|blockquote|pre|hr|br|h[1-6]|address|ul|ol|li|dl|dt|dd|span|font|b|strong|i|em|u|s|strike|del|ins|small|big|sub|sup|code|kbd|samp|tt|var|cite|q|abbr|bdi|wbr|img)\b)/i,
  /<[^>]*\son[a-z]+\s*=/i,
  /<[^>]*\s(?:href|srcset|action|formaction|background|poster|data|xlink:href|srcdoc|id|name|target|ping)\s*=/i,
  /<[^>]*\ssrc="(?!data:image\/(?:png|jpeg|gif|webp);base64,)/i,
  /<[^>]*\sstyle="[^"]*(?:url|import|expression|behaviou?r|binding|position|\\|\/\*|@|var\()/i,
]

/** [what, in, out]: the output exactly, where it says something; otherwise only that nothing forbidden is left. */
const corpus: readonly (readonly [string, string, string?])[] = [
  ['a script', '<script>alert(1)</script>x', 'x'],
  ['a script in capitals with blanks', '<ScRiPt >alert(1)</ScRiPt >x', 'x'],
  ['a script that is not closed', 'x<script>alert(1)', 'x'],
  ['a script in a script', '<scr<script>ipt>alert(1)</scr</script>ipt>'],
  ['an event handler', '<p onclick="alert(1)">x</p>', '<p>x</p>'],
  ['a handler without quotes', '<p onclick=alert(1)>x</p>', '<p>x</p>'],
  ['a handler behind a slash', '<img/onerror=alert(1)/src=x>'],
  ['a handler behind a line end', '<p\nonmouseover\n=\nalert(1)>x</p>', '<p>x</p>'],
  ['a handler behind NUL', '<p \0onclick=alert(1)>x</p>'],
  ['a picture that fails', '<img src=x onerror=alert(1)>', '<span class="pic" data-name="x"></span>'],
  ['a remote picture', '<img src="https://e.example/logo.png">', '<span class="pic" data-name="logo.png"></span>'],
  ['a picture without protocol', '<img src="//e.example/a.png">', '<span class="pic" data-name="a.png"></span>'],
  ['a picture with backslashes', '<img src="\\\\e.example\\share\\a.png">'],
  ['a picture of a file', '<img src="file:///etc/passwd">'],
  ['a beacon', '<img src="https://e.example/t" width=1 height=1>', '<span></span>'],
  ['srcset', '<img srcset="https://e.example/a.png 2x">'],
  ['picture and source', '<picture><source srcset="https://e.example/a"><img src="https://e.example/b"></picture>'],
  ['a data picture of SVG', '<img src="data:image/svg+xml;base64,PHN2Zz4=">'],
  ['a data picture of its own', '<img src="data:image/png;base64,AAAA">'],
  ['a picture with javascript', '<img src="javascript:alert(1)">'],
  ['a picture by lowsrc and dynsrc', '<img lowsrc="https://e.example/a" dynsrc="https://e.example/b">'],
  ['a link with javascript', '<a href="javascript:alert(1)">x</a>', '<span>x</span>'],
  ['a link with a tab in javascript', '<a href="java\tscript:alert(1)">x</a>', '<span>x</span>'],
  ['a link with entities', '<a href="&#106;avascript:alert(1)">x</a>', '<span>x</span>'],
  ['a link with control characters', '<a href="\u0001javascript:alert(1)">x</a>', '<span>x</span>'],
  ['a link with data', '<a href="data:text/html,<script>alert(1)</script>">x</a>', '<span>x</span>'],
  ['a link with vbscript', '<a href="vbscript:msgbox(1)">x</a>', '<span>x</span>'],
  ['a relative link', '<a href="/api/v1/mailbox/remove">x</a>', '<span>x</span>'],
  [
    'a link',
    '<a href="https://e.example/x" target=_top ping="https://e.example">x</a>',
    '<span class="link" data-host="e.example" title="https://e.example/x">x</span>',
  ],
  [
    'a link that says another host',
    '<a href="https://evil.example@bank.example.evil.test/">https://bank.example</a>',
    '<span class="link" data-host="bank.example.evil.test" title="https://evil.example@bank.example.evil.test/">https://bank.example</span>',
  ],
  [
    'a link with letters of another script',
    '<a href="https://аpple.example/">x</a>',
    '<span class="link" data-host="xn--pple-43d.example" title="https://xn--pple-43d.example/">x</span>',
  ],
  ['a class and data of ours', '<span class="link" data-host="bank.example">x</span>', '<span>x</span>'],
  ['an area of a map', '<map name=m><area href="javascript:alert(1)"></map><img usemap="#m" src=x>'],
  ['svg with a script', '<svg><script>alert(1)</script></svg>x', 'x'],
  ['svg onload', '<svg onload=alert(1)>x'],
  [
    'svg with an animated link',
    '<svg><a><animate attributeName=href values=javascript:alert(1) /><text>x</text></a></svg>',
  ],
  ['svg with feImage', '<svg><filter><feImage href="https://e.example/a"/></filter></svg>', ''],
  ['svg use', '<svg><use href="https://e.example/a.svg#x"/></svg>', ''],
  ['math', '<math><mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></mtext></math>'],
  ['mXSS by noscript', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>'],
  ['mXSS by style in svg', '<svg><style><!--</style><img src=x onerror=alert(1)>--></style></svg>'],
  ['mXSS by form and math', '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>'],
  ['mXSS by title', '<title><img title="</title><img src=x onerror=alert(1)>"></title>'],
  ['mXSS by textarea', '<textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>'],
  ['mXSS by xmp', '<xmp><p title="</xmp><img src=x onerror=alert(1)>"></xmp>'],
  ['mXSS by plaintext', '<plaintext><img src=x onerror=alert(1)>'],
  ['mXSS by a comment', '<!--><img src=x onerror=alert(1)>-->'],
  ['mXSS by a comment with !', '<!-- --!><img src=x onerror=alert(1)> -->'],
  [
    'mXSS by a nested table',
    '<table><td><svg><desc><table><img src=x onerror=alert(1)></table></desc></svg></td></table>',
  ],
  ['mXSS by an attribute', '<p title="&lt;/p&gt;&lt;img src=x onerror=alert(1)&gt;">x</p>', '<p>x</p>'],
  ['CDATA', '<![CDATA[<img src=x onerror=alert(1)>]]>'],
  ['a processing instruction', '<?xml-stylesheet href="https://e.example/a.css"?>x'],
  ['a conditional comment', '<!--[if IE]><script>alert(1)</script><![endif]-->x', 'x'],
  ['a tag that is not closed', '<img src=x onerror=alert(1)'],
  ['only the beginning of a tag', 'x<img src="'],
  ['meta refresh', '<meta http-equiv=refresh content="0;url=https://e.example">x', 'x'],
  ['a base', '<base href="https://e.example/"><a href="x">y</a>', '<span>y</span>'],
  ['a link to a sheet', '<link rel=stylesheet href="https://e.example/a.css">x', 'x'],
  ['a sheet with import', '<style>@import "https://e.example/a.css";</style>x', 'x'],
  ['a sheet that covers', '<style>body{display:none}</style>x', 'x'],
  ['a background', '<body background="https://e.example/a.png">x</body>', '<div>x</div>'],
  ['a form', '<form action="https://e.example"><input name=password><button>go</button></form>', ''],
  ['a field of its own', '<input type=image src="https://e.example/a" onfocus=alert(1) autofocus>', ''],
  ['a button with formaction', '<button formaction="javascript:alert(1)">x</button>', ''],
  ['a frame', '<iframe src="https://e.example"></iframe>x', 'x'],
  ['a frame with srcdoc', '<iframe srcdoc="<script>alert(1)</script>"></iframe>x', 'x'],
  ['a frameset', '<frameset><frame src="https://e.example"></frameset>x'],
  ['an object', '<object data="https://e.example/a.swf"></object>x', 'x'],
  ['an embed', '<embed src="https://e.example/a.swf">x', 'x'],
  ['an applet', '<applet code=a></applet>x', 'x'],
  ['a video', '<video src="https://e.example/a" poster="https://e.example/b" onerror=alert(1)></video>x', 'x'],
  ['audio', '<audio src="https://e.example/a" autoplay></audio>x', 'x'],
  ['a template', '<template><img src=x onerror=alert(1)></template>x', 'x'],
  ['a dialog', '<dialog open>sign in again</dialog>', 'sign in again'],
  ['a portal and a fenced frame', '<portal src="https://e.example"></portal><fencedframe></fencedframe>x', 'x'],
  ['CSS url', '<p style="background:url(https://e.example/a)">x</p>', '<p>x</p>'],
  ['CSS url with escapes', '<p style="background:\\75rl(https://e.example/a)">x</p>', '<p>x</p>'],
  ['CSS url in a comment', '<p style="background:u/**/rl(https://e.example/a)">x</p>', '<p>x</p>'],
  ['CSS image-set', '<p style="background-image:image-set(\'https://e.example/a\' 1x)">x</p>', '<p>x</p>'],
  ['CSS expression', '<p style="width:expression(alert(1))">x</p>', '<p>x</p>'],
  ['CSS behavior', '<p style="behavior:url(a.htc)">x</p>', '<p>x</p>'],
  ['CSS -moz-binding', '<p style="-moz-binding:url(https://e.example/a)">x</p>', '<p>x</p>'],
  [
    'CSS that covers the page',
    '<div style="position:fixed;top:0;left:0;width:100%;color:red">x</div>',
    '<div style="width: 100%; color: red">x</div>',
  ],
  ['CSS that pulls out', '<div style="margin-top:-5000px">x</div>', '<div>x</div>'],
  ['CSS that breaks out', '<p style="color:red&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">x</p>', '<p>x</p>'],
  ['CSS variables', '<p style="color:var(--x);--x:url(https://e.example)">x</p>', '<p>x</p>'],
  ['CSS for a font from elsewhere', '<p style="font:12px url(https://e.example)">x</p>', '<p>x</p>'],
  ['CSS with content', '<p style="content:\'You are hacked\'">x</p>', '<p>x</p>'],
  [
    'a plain style',
    '<p style="color: RGB(1, 2, 3) !important; padding:4px">x</p>',
    '<p style="color: RGB(1, 2, 3); padding: 4px">x</p>',
  ],
  ['an id and a name that clobber', '<p id=location><a name=cookie>x</a></p>', '<p><span>x</span></p>'],
  ['contenteditable and tabindex', '<p contenteditable tabindex=1 accesskey=x autofocus>x</p>', '<p>x</p>'],
  ['a slot, is and part', '<p slot=x is=y part=z>x</p>', '<p>x</p>'],
  [
    'a large width',
    '<table width="99999999"><tr><td width="100%">x</td></tr></table>',
    '<table><tr><td width="100%">x</td></tr></table>',
  ],
  ['UTF-7', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
  ['entities of entities', '&amp;lt;script&amp;gt;', '&amp;lt;script&amp;gt;'],
  ['text that looks like a tag', '1 < 2 && 3 > 2', '1 &lt; 2 &amp;&amp; 3 &gt; 2'],
  ['a tag in another alphabet', '＜script＞alert(1)＜/script＞'],
  ['a custom element', '<x-evil onclick=alert(1)>x</x-evil>', 'x'],
  ['an element in a namespace', '<a:script xmlns:a="http://www.w3.org/1999/xhtml">alert(1)</a:script>'],
]

for (const [what, given, left] of corpus)
  test(`WEB-02 of HTML with ${what} nothing is left that runs, loads or covers`, () => {
    const out = html(given)
    if (left !== undefined) assert.equal(out, left)
    for (const pattern of forbidden) assert.doesNotMatch(out, pattern)
    for (const pattern of forbidden) assert.doesNotMatch(html(out), pattern)
  })

test('WEB-02 the check of the corpus can fail: what came in is full of what is forbidden', () => {
  assert.ok(corpus.filter(([, given]) => forbidden.some((pattern) => pattern.test(given))).length > 50)
})

test('WEB-02 pictures from elsewhere and links are counted', () => {
  const { remotePictures, links, moreLinks } = safeHtml(
    `<img src="http://a.example/1"><td background="http://a.example/2"><p style="background:url(x)">${'<a href="http://a.example">x</a>'.repeat(3)}<a href="mailto:x@y.example">m</a>${Array.from({ length: 250 }, (_, i) => `<a href="http://${i}.example">`).join('')}`,
    () => null,
  )
  assert.deepEqual([remotePictures, links.length, moreLinks], [3, 200, 52])
  assert.deepEqual(links.slice(0, 2), [
    { url: 'http://a.example/', host: 'a.example' },
    { url: 'mailto:x@y.example', host: 'x@y.example' },
  ])
})

for (const [what, given] of [
  ['elements within each other', '<div>'.repeat(100_000)],
  ['open tags that are not closed', '<b><i>'.repeat(100_000)],
  ['attributes', `<p ${'a=b '.repeat(100_000)}>`],
  ['a style that never ends', `<p style="${'color:red;'.repeat(100_000)}">`],
  ['angle brackets', '<'.repeat(500_000)],
  ['comments', '<!--'.repeat(200_000)],
  ['entities', '&'.repeat(500_000)],
  ['tables', '<table><tr><td>'.repeat(30_000)],
] as const)
  test(`SX-05 many ${what} cost seconds at most`, { timeout: 9000 }, () => {
    for (const pattern of forbidden.slice(1)) assert.doesNotMatch(html(given).slice(0, 10_000), pattern)
  })

test('WEB-02 a style is written anew or not at all, whatever it is made of', () => {
  for (const bad of ['url(', '\\', '/*', '@import', 'expression(', '<', '{', '}', '\u0000', '&', '(', 'é'])
    assert.equal(safeStyle(`color: ${bad}x`), '', bad)
})

const mime = (head: string, body: string): Promise<Awaited<ReturnType<typeof viewOf>>> =>
  viewOf(Buffer.from(`${head}\r\n\r\n${body}`, 'latin1'), false)
const parts = (list: readonly string[], boundary = 'q'): string =>
  `${list.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`
const mixed = 'Content-Type: multipart/mixed; boundary=q'

test('SX-05 10,000 parts are counted and the first 500 listed', { timeout: 20_000 }, async () => {
  const { view } = await mime(
    mixed,
    parts(Array.from({ length: 10_000 }, (_, i) => `Content-Type: application/x\r\n\r\n${i}`)),
  )
  assert.deepEqual([view.attachments.length, view.moreAttachments, view.problem], [500, 9500, null])
})

test('SX-05 multiparts within each other beyond any use are told, and the header is shown', async () => {
  let body = 'Content-Type: text/plain\r\n\r\nx'
  for (let i = 0; i < 300; i++) body = `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n${parts([body], `b${i}`)}`
  const { view } = await viewOf(Buffer.from(`Subject: deep\r\n${body}`), false)
  assert.equal(view.subject, 'deep')
  assert.match(view.problem ?? '', /nest/i)
})

test('SX-05 a header section of more than 1 MB is told, and its first fields are shown', async () => {
  const { view } = await mime(`Subject: large\r\n${`X-Filler: ${'x'.repeat(900)}\r\n`.repeat(1500)}`.trimEnd(), 'x')
  assert.deepEqual([view.subject, view.fields.length], ['large', 1000])
  assert.match(view.problem ?? '', /header/i)
})

test('SX-05 messages inside messages are attachments: nothing is unfolded by itself', async () => {
  let body = 'Subject: inner\r\n\r\nx'
  for (let i = 0; i < 50; i++) body = `Subject: ${i}\r\nContent-Type: message/rfc822\r\n\r\n${body}`
  const { view } = await viewOf(Buffer.from(body), false)
  assert.deepEqual(
    view.attachments.map(({ type }) => type),
    ['message/rfc822'],
  )
})

for (const [declared, name] of [
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\win.ini', 'win.ini'],
  ['/abs/a.txt', 'a.txt'],
  ['C:\\a.txt', 'a.txt'],
  ['..', 'part-1.bin'],
  ['.htaccess', 'htaccess'],
  ['CON.txt', '_CON.txt'],
  ['a\u202egpj.exe', 'agpj.exe'],
  ['a<script>.html', 'ascript.html'],
  ['a\u0000.txt', 'a.txt'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(100)}${'x'.repeat(16)}.pdf`],
] as const)
  test(`WEB-10 a file called ${JSON.stringify(declared).slice(0, 40)} is saved under a name that leads nowhere`, async () => {
    const encoded = encodeURIComponent(declared)
    const { view } = await mime(
      mixed,
      parts([`Content-Type: application/x\r\nContent-Disposition: attachment; filename*=utf-8''${encoded}\r\n\r\nx`]),
    )
    assert.equal(view.attachments[0]?.name, name)
  })

for (const [what, head, body] of [
  ['a charset that nobody knows', 'Content-Type: text/plain; charset=x-klingon', 'x'],
  ['a charset that lies', 'Content-Type: text/plain; charset=utf-8', '\xff\xfe\xc3'],
  ['UTF-7', 'Content-Type: text/html; charset=utf-7', '+ADw-script+AD4-alert(1)+ADw-/script+AD4-'],
  ['UTF-16 that is none', 'Content-Type: text/html; charset=utf-16', '<script>alert(1)</script>'],
  [
    'ISO-2022-JP with an escape left open',
    'Content-Type: text/html; charset=iso-2022-jp',
    '\x1b$B<script>alert(1)</script>',
  ],
  ['base64 that is none', 'Content-Transfer-Encoding: base64', '!!!!===='],
  ['quoted-printable that is none', 'Content-Transfer-Encoding: quoted-printable', '=ZZ=\r\n=4'],
  ['an encoding that nobody knows', 'Content-Transfer-Encoding: x-uuencode', 'begin 644 x'],
  ['no boundary', 'Content-Type: multipart/mixed', '--\r\nx\r\n----\r\n'],
  ['a boundary of blanks', 'Content-Type: multipart/mixed; boundary=" "', '-- \r\n\r\nx\r\n-- --'],
  ['two types', 'Content-Type: text/plain\r\nContent-Type: text/html', '<script>alert(1)</script>'],
  ['a type that is none', 'Content-Type: ;;;', '<script>alert(1)</script>'],
  ['a header that is none', ': x\r\n x\r\n\tx', 'x'],
  ['nothing at all', '', ''],
  ['an encoded word that breaks a field', 'Subject: =?utf-8?Q?a=0D=0ABcc:_x=00?=', 'x'],
  ['a subject of tags', 'Subject: <img src=x onerror=alert(1)>', 'x'],
] as const)
  test(`SX-05 a message with ${what} is shown as far as it goes`, async () => {
    const { view, page } = await mime(head, body)
    assert.doesNotMatch(view.subject, /[\u0000-\u001f]/)
    for (const pattern of forbidden.slice(1)) assert.doesNotMatch(page.slice(page.indexOf('<body>')), pattern)
  })

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='

test('WEB-02 a picture of the message is shown in its text, an SVG or one that is not there is not', async () => {
  const related = 'Content-Type: multipart/related; boundary=q'
  const text =
    'Content-Type: text/html\r\n\r\n<img src="cid:a"><img src="cid:b" alt="b"><img src="cid:none" alt="none">'
  const picture = (id: string, type: string): string =>
    `Content-Type: ${type}\r\nContent-ID: <${id}>\r\nContent-Transfer-Encoding: base64\r\n\r\n${png}`
  const { view, page } = await mime(related, parts([text, picture('a', 'image/png'), picture('b', 'image/svg+xml')]))
  assert.ok(page.includes(`<img src="data:image/png;base64,${png}" alt="" />`))
  assert.ok(page.includes('<span class="pic" data-name="b"></span><span class="pic" data-name="none"></span>'))
  assert.deepEqual([view.remotePictures, view.attachments.map(({ inline }) => inline)], [0, [true, false]])
})

for (const [head, kinds] of [
  ['From: "ceo@bank.example" <x@evil.example>', ['name-is-address']],
  ['From: "x@evil.example" <x@evil.example>', []],
  ['From: =?utf-8?Q?a=E2=80=AEb?= <x@evil.example>', ['hidden-letters']],
  ['From: a@b.example, c@d.example', ['several-senders']],
  ['From: a@b.example\r\nReply-To: c@d.example', ['answers-elsewhere']],
  ['From: a@b.example\r\nReply-To: c@b.example', []],
  ['From: a@b.example\r\nSender: c@d.example', ['sent-by-another']],
] as const)
  test(`SX-04 a message with ${head.replace('\r\n', ', ')} ${kinds.length === 0 ? 'warns of nothing' : `warns: ${kinds[0]}`}`, async () => {
    const { view } = await mime(head, 'x')
    assert.deepEqual(
      view.warnings.map(({ kind }) => kind),
      kinds,
    )
  })

// Messages for the browser's tests: some as people send them, and the nastiest that strangers do.
const multipart = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n'

const invoice = `From: Timber Shop <shop@timber.test>
To: orders@example.org
Subject: Invoice 20417 for larch boards
Date: Thu, 26 Nov 2026 08:45:00 +0100
Message-ID: <20417@timber.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=q

--q
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain

Thank you for your order. The boards leave our yard on Wednesday.
--a
Content-Type: text/html

<p>Dear Mara,</p><p>thank you for your order. The boards leave our yard on Wednesday and should be with you by Thursday noon.</p>
<table><tr><th align=left>Item</th><th align=right>Sum</th></tr><tr><td>Larch, 24 mm, planed, 4.50 m</td><td align=right>1,118.00</td></tr>
<tr><td><b>Together</b></td><td align=right><b>1,545.50</b></td></tr></table>
<p>Payable within 30 days, see <a href="https://timber.test/terms">our terms</a>.</p><img src="https://timber.test/logo.png" alt="logo.png" width=120><img src="https://t.example/b" width=1 height=1>
<p>Kind regards<br>Timber Shop</p>
--a--
--q
Content-Type: application/pdf
Content-Disposition: attachment; filename="invoice-20417.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--q
Content-Type: image/png
Content-Disposition: attachment; filename="larch-sorting.png"
Content-Transfer-Encoding: base64

iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=
--q--
`
const plain = (from: string, subject: string, text: string): string =>
  `From: ${from}\r\nTo: orders@example.org\r\nSubject: ${subject}\r\nDate: Wed, 25 Nov 2026 14:02:00 +0100\r\n\r\n${text}\r\n`

export const friendly: readonly string[] = [
  ...Array.from({ length: 60 }, (_, i) =>
    plain(`Regular ${i} <r${i}@harbour.test>`, `Delivery note ${8800 + i}`, 'Your parcel was handed over.'),
  ),
  plain(
    'Klara Thomsen <klara@thomsen.test>',
    'Varnish: which one did you use?',
    'The afterdeck still looks like new, so I would like',
  ),
  plain('Priya Venkat <priya@oak.test>', 'Oak, second delivery', 'I moved it to Thursday, they load at seven.'),
  plain(
    'Nadia Ferreira <nadia@oars.test>',
    'Re: Oars, left and right',
    'Perfect, then please make both pairs 2.70 m and',
  ),
  plain('Office printer <scan@printer.test>', 'Scan from 192.0.2.20', '1 page, 300 dpi, sent by the scan button'),
  invoice,
]

export const nastySubject = '<img src=x onerror=alert(1)>"><svg/onload=alert(2)>'
const host = 'https://evil.example'

/** Each is tried as the body of an HTML message. */
const bodies = [
  `<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><a href="javascript:alert(1)" autofocus onfocus=alert(1)>x</a>`,
  `<img src="${host}/a.png"><img srcset="${host}/b 2x"><picture><source srcset="${host}/c"></picture><video src="${host}/d" poster="${host}/e" autoplay></video><audio src="${host}/f" autoplay></audio><body background="${host}/g"><table background="${host}/h"><tr><td>x</table>`,
  `<style>@import "${host}/a.css";body{background:url(${host}/b)}@font-face{font-family:x;src:url(${host}/c)}</style><p style="background:url(${host}/d);font-family:x;content:url(${host}/e)">x</p><link rel=stylesheet href="${host}/f"><link rel=prefetch href="${host}/g"><link rel=dns-prefetch href="//evil.example">`,
  `<meta http-equiv=refresh content="0;url=${host}"><base href="${host}/" target=_top><a href=x>x</a><iframe src="${host}"></iframe><iframe srcdoc="<script>top.alert(1)</script>"></iframe><object data="${host}/o"></object><embed src="${host}/e">`,
  `<form action="${host}" method=post id=f><input name=p><button>x</button></form><input type=image src="${host}/i"><button form=f formaction="javascript:alert(1)">y</button><isindex action="${host}">`,
  `<svg><filter><feImage href="${host}/a"/></filter><image href="${host}/b"/><use href="${host}/c#x"/><script href="${host}/d"></script><animate onbegin=alert(1) attributeName=x /><foreignObject><iframe src="${host}"></iframe></foreignObject></svg>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(1)&gt;"></table></mtext></math><noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><textarea><img title="</textarea><img src=x onerror=alert(1)>"></textarea>`,
  `<div style="position:fixed;inset:0;z-index:99999;background:#fff">Your session ended. <a href="${host}/login">Sign in again</a></div><p style="width:expression(alert(1));behavior:url(${host}/a.htc);-moz-binding:url(${host}/b)">x</p>`,
  `<a href="${host}" ping="${host}/ping" target=_top id=go>x</a><map name=m><area href="${host}" shape=default></map><img usemap=#m src=cid:none><marquee onstart=alert(1)>x</marquee><details open ontoggle=alert(1)>x</details>`,
  `<img src="data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIG9ubG9hZD0iYWxlcnQoMSkiLz4="><img src="file:///etc/passwd"><img src="/api/v1/session"><img src="//evil.example/x">`,
  '<div>'.repeat(3000) + 'deep',
]
const html = (body: string): string =>
  `From: ${nastySubject.replace(/[<>"]/g, ' ')} <x@evil.example>\r\nTo: orders@example.org\r\nSubject: ${nastySubject}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${body}\r\n`

export const nasty: readonly string[] = [
  ...bodies.map(html),
  `From: "admin@example.org" <x@evil.example>\r\nReply-To: <y@other.example>\r\nSubject: =?utf-8?Q?invoice_=E2=80=AEfdp.exe?=\r\n${multipart}${[
    '<img src=x onerror=alert(1)>.html',
    '../../../etc/passwd',
    'a\u202etxt.exe',
  ]
    .map(
      (name) =>
        `--q\r\nContent-Type: text/html\r\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\r\n\r\n<script>alert(1)</script>\r\n`,
    )
    .join('')}--q--\r\n`,
  `Subject: \u0000\u001b]0;x\u0007${'x'.repeat(900)}\r\nFrom: <script>alert(1)</script>\r\n\r\n\u001b[2J<script>alert(1)</script>\r\n`,
]

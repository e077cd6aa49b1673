// The document that stands in the frame: a small sheet of ours and the safe HTML of a message. Mail is paper: always light.
// The policy under which it is shown lets nothing run and nothing load, whatever the HTML says. WEB-02

export const framePolicy = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join('; ')

const sheet = `:root{color-scheme:light}
body{margin:0;padding:1rem 1.25rem;background:#fff;color:#15202b;font:1rem/1.6 system-ui,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;overflow-wrap:break-word}
p{margin:0 0 .8rem}
img{max-width:100%;height:auto}
pre{white-space:pre-wrap}
blockquote{margin:0 0 .8rem;padding-left:.8rem;border-left:2px solid #dce2e9;color:#445364}
.link{color:#0b5394;text-decoration:underline}
.link[data-host]::after{display:inline-block;text-decoration:none;white-space:pre;content:" [" attr(data-host) "]";color:#596675;font-size:.8125em}
.pic{display:inline-block;padding:.25rem .6rem;border:1px dashed #7b8795;border-radius:4px;color:#596675;font-size:.8125rem}
.pic::before{content:attr(data-name)}`

export const framePage = (safe: string): string =>
  `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><style>${sheet}</style></head><body>${safe}</body></html>`

// Where the page is: the path and the query of the address bar. Links of our own are followed without loading the page anew.
let path = $state(location.pathname)
let query = $state(location.search)
let hash = $state(location.hash)

export const place = {
  get path() {
    return path
  },
  /** One parameter of the query, or null. */
  query: (name: string): string | null => new URLSearchParams(query).get(name),
  get hash() {
    return hash
  },
}

function look(): void {
  path = location.pathname
  query = location.search
  hash = location.hash
}

/** `replace`: the browser's Back leads to where the person was before. `stay`: the page is not scrolled, the focus stays. */
export function go(to: string, { replace = false, stay = false } = {}): void {
  const before = location.pathname
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  look()
  if (location.pathname === before || stay) return
  window.scrollTo(0, 0)
  document.getElementById('main')?.focus({ preventScroll: true })
}

/** Follows links of our own; others, downloads and new windows are the browser's. */
export function followLinks(): () => void {
  const follow = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.origin !== location.origin || link.target !== '' || link.hasAttribute('download')) return
    if (link.pathname.startsWith('/api/')) return
    if (link.pathname === location.pathname && link.search === location.search && link.hash !== '') return
    event.preventDefault()
    go(link.pathname + link.search + link.hash)
  }
  document.addEventListener('click', follow)
  window.addEventListener('popstate', look)
  window.addEventListener('hashchange', look)
  return () => {
    document.removeEventListener('click', follow)
    window.removeEventListener('popstate', look)
    window.removeEventListener('hashchange', look)
  }
}

// Shows what a search finds while it is written. Without this script the form works by its button.
const form = document.querySelector('#search')
const pauseMs = 250
let timer = 0
let asked = null

async function show() {
  asked?.abort()
  asked = new AbortController()
  const values = [...new FormData(form)].filter(([, value]) => value !== '')
  const address = `${form.getAttribute('action')}?${new URLSearchParams(values)}`
  try {
    const response = await fetch(address, { signal: asked.signal })
    const found = new DOMParser().parseFromString(await response.text(), 'text/html')
    const results = found.querySelector('#results')
    if (!results) return
    document.querySelector('#results').replaceWith(results)
    history.replaceState(null, '', address)
    document.title = found.title
  } catch {
    // A later search has taken its place, or the server is away: what is shown stays.
  }
}

form?.addEventListener('input', (event) => {
  clearTimeout(timer)
  // The letters of an input method are no words yet.
  if (!event.isComposing) timer = setTimeout(show, pauseMs)
})
form?.addEventListener('compositionend', () => {
  timer = setTimeout(show, pauseMs)
})
form?.addEventListener('submit', (event) => {
  event.preventDefault()
  clearTimeout(timer)
  void show()
})

// Says when there are stories that the page does not show yet. Without this script the page shows them when it is loaded.
const place = document.querySelector('#new-stories')
const seen = new Set()

function say({ data }) {
  const { id } = JSON.parse(data)
  seen.add(id)
  const link = document.createElement('a')
  link.href = location.pathname
  link.textContent = `${seen.size} 条新公告，点此显示 · ${seen.size} new, show`
  place.replaceChildren(link)
  place.hidden = false
}

if (place && 'EventSource' in window) new EventSource('/events').addEventListener('new', say)

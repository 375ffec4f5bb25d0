// Shows new mails as they come. Without it the page is the same after a reload.
const refresh = async () => {
  const answer = await fetch(location.href)
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const [shown, next] = [document.querySelector('#list'), page.querySelector('#list')]
  const known = new Set([...shown.querySelectorAll('.row')].map((row) => row.id))
  for (const row of next.querySelectorAll('.row')) if (!known.has(row.id)) row.classList.add('new')
  const top = shown.scrollTop
  shown.replaceWith(next)
  next.scrollTop = top
  if (!document.body.classList.contains('reading')) document.title = page.title
}

const events = new EventSource('/events')
events.addEventListener('mail', refresh)
events.addEventListener('open', () => {
  document.body.classList.add('is-live')
  // What came while nobody listened.
  refresh()
})
events.addEventListener('error', () => document.body.classList.remove('is-live'))

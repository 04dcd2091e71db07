// A preview in the frame of the theme editor: it says which page it is and how far down it is, and begins where the
// editor says that the last look at that page was. The frame is sandboxed: it has no storage of its own.
(() => {
  if (parent === self) return
  // Only the dashboard may frame a preview (its frame-ancestors say so), so it is the only one to hear.
  const tell = (more) => parent.postMessage({preview: location.pathname, ...more}, '*')
  addEventListener('message', (event) => {
    if (event.source === parent && Number.isFinite(event.data?.top)) scrollTo(0, event.data.top)
  })
  tell()
  addEventListener('scroll', () => tell({top: scrollY}), {passive: true})
})()

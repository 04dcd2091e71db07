// A preview in the frame of the theme editor: it says which page it is, and begins where the last look at that page was.
(() => {
  if (parent === self) return
  // Only the dashboard may frame a preview (its frame-ancestors say so), so it is the only one to hear.
  parent.postMessage({preview: location.pathname}, '*')
  const place = 'scroll ' + location.pathname
  scrollTo(0, sessionStorage.getItem(place) ?? 0)
  addEventListener('scroll', () => sessionStorage.setItem(place, scrollY), {passive: true})
})()

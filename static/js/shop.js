// Makes a storefront quicker. Everything here works without it, as links and forms.
(() => {
  const $ = (selector, root = document) => [...root.querySelectorAll(selector)]

  // Pages are the same for everybody; how full the cart is stands in a cookie.
  const count = () => {
    let n
    try {
      n = document.cookie.match(/(?:^|; )(?:__Host-)?cart-count=(\d+)/)?.[1]
    } catch {
      // The frame of a preview has no cookies.
    }
    if (n) for (const e of $('[data-cart-count]')) e.textContent = n === '0' ? '' : n
  }
  count()
  addEventListener('pageshow', count)

  // Not form.action: that is the button of that name, where there is one.
  const fetched = async (url, options) => {
    const answer = await fetch(url, options)
    if (!(answer.headers.get('content-type') || '').includes('html')) throw new Error(answer.status)
    return new DOMParser().parseFromString(await answer.text(), 'text/html')
  }

  // Puts an element of a fetched page in the place of this page's own.
  const swap = (page, selector) => {
    const [from, to] = [page.querySelector(selector), document.querySelector(selector)]
    if (!from || !to) return false
    const active = document.activeElement && to.contains(document.activeElement) && document.activeElement
    const focus = active && active.textContent.trim()
    to.replaceWith(from)
    if (active?.id) document.getElementById(active.id)?.focus({preventScroll: true})
    else if (focus) $('a,button', from).find(e => e.textContent.trim() === focus)?.focus({preventScroll: true})
    return true
  }

  let closing
  const say = message => {
    document.querySelector('.said')?.remove()
    message.classList.add('said')
    message.setAttribute('role', 'status')
    document.body.append(message)
    clearTimeout(closing)
    closing = setTimeout(() => message.remove(), 6000)
  }

  addEventListener('submit', async event => {
    const form = event.target
    if (!form.matches('[data-add]')) return
    event.preventDefault()
    const button = form.querySelector('button')
    button.disabled = true
    try {
      const body = new URLSearchParams(new FormData(form))
      const page = await fetched(form.getAttribute('action'), {method: 'POST', body, headers: {'X-Fragment': 'added'}})
      const message = page.querySelector('.added')
      if (!message) throw new Error('no answer')
      say(message)
      count()
    } catch {
      form.submit()
    }
    button.disabled = false
  })

  addEventListener('click', async event => {
    const link = event.target.closest?.('a[data-swap]')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    try {
      if (!swap(await fetched(link.href), '#buy')) throw new Error('no place')
      history.replaceState(null, '', link.href.replace(/#.*/, ''))
    } catch {
      location = link.href
    }
  })

  addEventListener('change', async event => {
    const e = event.target
    if (e.matches('.sort select')) return e.form.requestSubmit()
    if (!e.matches('[data-update]')) return
    const {form} = e
    const data = new URLSearchParams(new FormData(form))
    data.set('action', 'update')
    try {
      const page = await fetched(form.getAttribute('action'), {method: 'POST', body: data})
      // What was chosen or typed in the meantime stays.
      const since = [...new FormData(form)].filter(([name, value]) => value !== data.get(name))
      for (const part of ['#summary', '#payment', ...(e.id === 'country' ? ['.field-region'] : [])]) swap(page, part)
      for (const [name, value] of since) if (form.elements[name]) form.elements[name].value = value
    } catch {
      // The button places the order at the total that the server names, after asking again.
    }
  })

  // What is typed into the cart is kept at once, and when the page is left.
  let pressed = false
  for (const [kind, is] of [['pointerdown', true], ['pointerup', false], ['pointercancel', false]])
    addEventListener(kind, () => { pressed = is }, true)
  const kept = form => new URLSearchParams(new FormData(form))
  addEventListener('change', async event => {
    const form = event.target.closest?.('[data-cart]')
    if (!form) return
    const sent = kept(form)
    try {
      const page = await fetched(form.getAttribute('action'), {method: 'POST', body: sent, keepalive: true})
      // A button that is being pressed must not vanish under the pointer.
      while (pressed) await new Promise(done => addEventListener('pointerup', () => setTimeout(done), {once: true}))
      // Typing isn't interrupted: the next change brings the page.
      if (form.isConnected && kept(form).toString() === sent.toString()) swap(page, 'main')
      count()
    } catch {
      // The buttons of the form send the same.
    }
  })
  addEventListener('pagehide', () => {
    for (const form of $('[data-cart]')) {
      if ($('input', form).some(e => e.value !== e.defaultValue))
        navigator.sendBeacon(form.getAttribute('action'), kept(form))
    }
  })

  // A payment that is open is looked at again until it isn't. The heading stays, for those who have it read to them.
  const watch = () => {
    const heading = document.querySelector('.thanks[data-watch]')
    if (heading) setTimeout(look, heading.dataset.wait * 1000, heading)
  }
  const look = async heading => {
    try {
      const page = await fetched(heading.dataset.watch)
      const now = page.querySelector('.thanks')
      if (now) {
        delete heading.dataset.watch
        Object.assign(heading.dataset, now.dataset)
        if (heading.innerHTML !== now.innerHTML) heading.replaceChildren(...now.childNodes)
        const rest = '.order-rest'
        if (page.querySelector(rest).innerHTML !== document.querySelector(rest).innerHTML) swap(page, rest)
        document.title = page.title
        count()
      }
    } catch {
      // It is asked again.
    }
    watch()
  }
  watch()

  // A list's address holds what was chosen and nothing else.
  addEventListener('formdata', event => {
    if (!event.target.matches('[data-auto]')) return
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name)
  })

  // One press places one order; the server sees to that too.
  addEventListener('submit', event => {
    const form = event.target
    if (!form.matches('[data-checkout]') || event.submitter?.value !== 'order') return
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
  })
  addEventListener('pageshow', () => { for (const f of $('[data-checkout]')) delete f.dataset.sent })
})()

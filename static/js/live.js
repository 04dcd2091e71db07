// An answer that was redirected is another page (the form was accepted, the session ended): it takes the place of this
// one, under its own address, with nothing fetched twice. Asked for with empty parameters, a page answers under its
// address without them: that is no other page.
on("htmx:before:response", (event) => {
  const ctx = event.detail.ctx;
  const raw = ctx.response.raw;
  const path = (address) => new URL(address, location.href).pathname;
  if (!raw.redirected || (ctx.request.method === "GET" && path(ctx.request.action) === path(raw.url))) return;
  ctx.target = document.body;
  ctx.swap = "outerSync show:top";
  ctx.select = null;
  ctx.selectOOB = null;
  ctx.push = "true";
  ctx.replace = null;
});

// Errors other than 422 are not swapped in (htmx-config noSwap): say so, and keep what was typed.
on("htmx:response:error", (event) => {
  const ctx = event.detail.ctx;
  if (ctx.response.status === 422 || ctx.text?.includes("<hx-partial")) return;
  if (retryStream(ctx.sourceElement)) return;
  const words = { 401: "forbidden", 403: "forbidden", 404: "missing", 429: "tooMany" };
  toast("danger", word(words[ctx.response.status] ?? "failed"));
});
on("htmx:error", (event) => {
  const ctx = event.detail.ctx;
  if (!ctx || ctx.response || retryStream(ctx.sourceElement)) return;
  toast("danger", word("offline"));
});

// Streams. hx-sse comes back by itself after a stream that once ran; the first connection is retried here.
// A reconnected stream sends the whole state first, so nothing missed needs asking for.
const lost = (element, is) => {
  element.dataset.lost = is ? "true" : "false";
  const says = element.querySelector("[role=status]");
  if (says) says.textContent = is ? says.dataset.text : "";
};
const ask = (element) => {
  if (document.hidden) return element.dataset.left = "true";
  delete element.dataset.left;
  htmx.trigger(element, "stream:retry", {}, false);
};
const retryStream = (element) => {
  if (!element?.matches?.("[data-stream]")) return false;
  const tries = Number(element.dataset.tries ?? 0) + 1;
  element.dataset.tries = tries;
  lost(element, true);
  const delay = Math.min(1000 * 2 ** (tries - 1), 15000) * (0.7 + Math.random() * 0.6);
  setTimeout(() => { if (element.isConnected) ask(element); }, delay);
  return true;
};
on("htmx:sse:after:connection", (event) => {
  event.target.dataset.came = "true";
  event.target.dataset.tries = 0;
  lost(event.target, false);
});
// A hidden page asks for no stream: one that came to a page that has been left would hold its connection for as long as
// the browser keeps the page. hx-sse does the same for streams that have come.
on("visibilitychange", () => {
  if (!document.hidden) for (const stream of all("[data-stream][data-left]")) ask(stream);
  else for (const stream of all("[data-stream]:not([data-came])")) {
    htmx.trigger(stream, "htmx:abort", {}, false);
    stream.dataset.left = "true";
  }
});
on("htmx:sse:before:connection", (event) => {
  const { connection } = event.detail;
  if (connection.gone) connection.cancelled = true;
  else if (connection.attempt > 1) lost(event.target, true);
});
on("htmx:sse:error", (event) => {
  const { connection, status } = event.detail;
  if (status === 401 || status === 403) return location.reload();
  if (connection && (status === 404 || status === 410)) connection.gone = true;
  lost(event.target, true);
});

// WebSockets. hx-ws comes back by itself, and would without an end: a browser says of every connection that was refused
// that it was lost (1006). Whether there is any use in trying again is asked at the same address: 426 means yes.
const over = (element, connection, signedOut) => {
  clearTimeout(connection?.timer);
  element.dataset.over = "true";
  element.dataset.lost = "true";
  const says = element.querySelector("[role=status]");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = signedOut ? says.dataset.again : says.dataset.reload;
  says.replaceChildren(signedOut ? says.dataset.over : says.dataset.changed, " ", link);
};
const whether = async (element, connection, ended) => {
  try {
    const url = connection.url.replace(/^ws/, "http");
    const answer = await fetch(url, { redirect: "manual", cache: "no-store" });
    const signedOut = answer.type === "opaqueredirect" || answer.status === 401;
    if (ended || signedOut || [403, 404].includes(answer.status)) over(element, connection, signedOut);
  } catch {
    if (ended) over(element, connection, true);
    // otherwise it is not there at all: it is tried again
  }
};
on("htmx:ws:before:connection", (event) => {
  if (event.target.dataset.over) event.detail.connection.cancelled = true;
});
on("htmx:ws:after:connection", (event) => {
  event.target.dataset.orders = 0;
  lost(event.target, false);
});
on("htmx:ws:close", (event) => {
  const { connection, reason, code } = event.detail;
  if (reason !== "closed" || event.target.dataset.over) return;
  if (code === 1008) return whether(event.target, connection, true);
  lost(event.target, code !== 1000);
  if (code === 1006) whether(event.target, connection);
});
// A page that comes out of the browser's cache has closed its socket when it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-socket]")) location.reload();
});

// New orders: the title counts them until the person looks, and a sound is played where it is wanted in this browser.
const soundKey = "orbit-order-sound";
const wanted = () => { try { return localStorage.getItem(soundKey) === "on"; } catch { return false; } };
let audio = null;
const play = () => {
  audio ??= new AudioContext();
  [[880, 0], [1320, 0.12]].forEach(([pitch, after]) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.3);
  });
};
// Of several tabs that hear of the same order one plays.
const ring = () => navigator.locks?.request(soundKey, { ifAvailable: true }, async (lock) => {
  if (!lock) return;
  play();
  await new Promise((done) => setTimeout(done, 1000));
});
const counted = /^\(\d+\) /;
let unseen = 0;
const seen = () => {
  unseen = 0;
  document.title = document.title.replace(counted, "");
};
on("visibilitychange", () => { if (!document.hidden) seen(); });
window.addEventListener("focus", seen);
on("pointerdown", seen);
on("keydown", seen);
on("htmx:ws:after:message:incoming", async (event) => {
  const { message } = event.detail;
  if (typeof message.data !== "string" || message.data[0] !== "{") return;
  const { orders } = await message.json();
  const fresh = orders - Number(event.target.dataset.orders ?? 0);
  event.target.dataset.orders = orders;
  if (!(fresh > 0)) return;
  unseen += fresh;
  document.title = `(${unseen}) ${document.title.replace(counted, "")}`;
  if (wanted()) ring();
});
const showSound = () => {
  for (const button of all("[data-order-sound]")) {
    button.hidden = false;
    button.setAttribute("aria-pressed", wanted());
  }
};
on("click", (event) => {
  if (!event.target.closest?.("[data-order-sound]")) return;
  const next = !wanted();
  try { localStorage.setItem(soundKey, next ? "on" : "off"); } catch { /* it is for this page alone */ }
  showSound();
  if (next) play();
});

// A morph must not close what the person opened: the server's markup never says "open" for these.
htmx.registerExtension("orbit", {
  htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.matches("details, dialog")),
});

const settled = () => {
  openDialogs();
  armToasts();
  refreshTimes();
  showSound();
};
on("htmx:after:swap", settled);
settled();

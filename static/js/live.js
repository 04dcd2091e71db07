// An answer that was redirected is another page (the form was accepted, the session ended): it takes the place of this
// one, under its own address, with nothing fetched twice.
on("htmx:before:response", (event) => {
  const ctx = event.detail.ctx;
  if (!ctx.response.raw.redirected) return;
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

on("htmx:ws:after:connection", (event) => lost(event.target, false));
on("htmx:ws:close", (event) => {
  const { reason, code } = event.detail;
  if (reason === "closed" && !document.hidden) lost(event.target, code !== 1000 && code !== 1008);
});

// A morph must not close what the person opened: the server's markup never says "open" for these.
htmx.registerExtension("orbit", {
  htmx_before_morph_attr: (element, { attrName }) => !(attrName === "open" && element.matches("details, dialog")),
});

const settled = () => {
  openDialogs();
  armToasts();
  refreshTimes();
};
on("htmx:after:swap", settled);
settled();

// What HTML and htmx can't do by themselves: answers that redirect, errors as toasts, dialogs, streams that come back,
// copy buttons, times that stay true. It adds listeners to the document only, so swapped content needs no set-up.
// No eval, no inline style: the pages' CSP allows neither.
//
// core.js and live.js are joined in one scope of their own: app.js. The modules that some pages load besides
// (uploads.js, editor.js) find in window.orbit what they share with it.

const all = (selector, root = document) => root.querySelectorAll(selector);
const on = (type, listener, capture) => document.addEventListener(type, listener, capture);

// Toasts: the words come from the page, as data- attributes of #toasts, the markup from its <template>.
const toast = (tone, message) => {
  const region = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!region || !template) return;
  for (const old of all(".toast", region)) {
    if (old.textContent.trim() === message) return;
  }
  const node = template.content.firstElementChild.cloneNode(true);
  node.dataset.tone = tone;
  node.querySelector("[data-message]").textContent = message;
  region.append(node);
};

const word = (key) => document.getElementById("toasts")?.dataset[key] ?? "";

// Only toasts marked data-expires leave by themselves; errors stay until dismissed. Attention holds them.
const expire = (node) => {
  if (node.dataset.armed) return;
  node.dataset.armed = "true";
  const tick = () => {
    if (node.matches(":hover, :focus-within")) setTimeout(tick, 1000);
    else node.remove();
  };
  setTimeout(tick, 6000);
};
const armToasts = () => all(".toast[data-expires]").forEach(expire);

// Relative times: the words of ui.RelativeTime, counted again here; what is to come is rounded.
const relative = (ms) => {
  const ahead = ms < 0;
  const s = Math.floor(Math.abs(ms) / 1000);
  const whole = ahead ? Math.round : Math.floor;
  const say = (n, unit) => (ahead ? `in ${n} ${unit}` : `${n} ${unit} ago`);
  if (s < 10) return "just now";
  if (s < 60) return say(s, "s");
  if (s < 3600) return say(whole(s / 60), "min");
  if (s < 86400) return say(whole(s / 3600), "h");
  const days = whole(s / 86400);
  if (s < 7 * 86400) return say(days, days === 1 ? "day" : "days");
  return "";
};
const refreshTimes = () => {
  for (const node of all("time[data-relative]")) {
    const text = relative(Date.now() - Date.parse(node.dateTime));
    if (text && node.textContent !== text) node.textContent = text;
  }
};
setInterval(() => { if (!document.hidden) refreshTimes(); }, 10000);
on("visibilitychange", () => { if (!document.hidden) refreshTimes(); });

// Dialogs: a <dialog> that arrives in #dialog is opened over the page; closed, it leaves the page again.
// Everything outside a modal dialog is inert and under its backdrop, so the messages go into it while it is open.
let addressBefore = "";
const toastsInto = (parent) => {
  const region = document.getElementById("toasts");
  if (region && region.parentElement !== parent) parent.append(region);
};
const openDialogs = () => {
  for (const dialog of all("#dialog dialog:not([open])")) {
    dialog.dataset.returnTo = addressBefore || location.href;
    dialog.addEventListener("close", () => {
      toastsInto(document.body);
      const back = dialog.dataset.returnTo;
      if (back && back !== location.href) history.replaceState({ htmx: true }, "", back);
      dialog.remove();
    });
    dialog.showModal();
    toastsInto(dialog);
  }
  addressBefore = "";
};
on("htmx:before:swap", (event) => {
  if (!event.detail.tasks?.some((task) => task.target?.id === "dialog")) return;
  addressBefore = location.href;
  toastsInto(document.body);
});

let pressedOn = null;
on("pointerdown", (event) => { pressedOn = event.target; });
on("input", (event) => { event.target.closest("dialog")?.setAttribute("data-dirty", ""); });

on("click", async (event) => {
  const target = event.target;
  if (!(target instanceof Element)) return;

  // A click on the backdrop has the dialog itself as its target. What was typed is not thrown away by a slip.
  if (target.matches("dialog[open]") && pressedOn === target && !target.hasAttribute("data-dirty")) {
    const box = target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right &&
      event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) target.close();
    return;
  }
  if (target.closest("[data-dialog-close]")) {
    target.closest("dialog")?.close();
    return;
  }
  const dismiss = target.closest("[data-dismiss]");
  if (dismiss) {
    dismiss.closest("[data-dismissible]")?.remove();
    return;
  }
  if (target.closest("[data-print]")) return window.print();
  const copy = target.closest("[data-copy]");
  if (copy) {
    const done = await copyText(copy.dataset.copy, copy.closest("dialog") ?? document.body);
    if (!done) return toast("danger", word("copyFailed"));
    copy.dataset.copied = "true";
    const says = copy.querySelector("[role=status]");
    if (says) says.textContent = says.dataset.text;
    setTimeout(() => {
      delete copy.dataset.copied;
      if (says) says.textContent = "";
    }, 2000);
  }
});

// navigator.clipboard exists on https and localhost only; a plain-http host falls back to a selection.
const copyText = async (text, root) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.className = "visually-hidden";
    area.value = text;
    root.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
};

// One checkbox ticks all of a list.
on("change", (event) => {
  const name = event.target.dataset?.pickAll;
  if (!name) return;
  for (const box of all(`input[name="${name}"]`, event.target.form ?? document)) box.checked = event.target.checked;
});

// A plain form is sent once: the button is busy until the next page is here. A form that targets a frame leaves the
// page as it is.
on("submit", (event) => {
  const form = event.target;
  if (event.submitter?.hasAttribute("formtarget")) return;
  if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-post], [hx-get]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "true";
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all("button[aria-busy]")) button.removeAttribute("aria-busy");
});

// What somebody has typed into a field before htmx listens, which it begins to do in a timeout of its own, it hears
// then.
setTimeout(() => {
  const field = document.activeElement;
  if (field?.matches("input[hx-trigger], textarea[hx-trigger]") && field.value !== field.defaultValue) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

window.orbit = { all, on, toast, word };

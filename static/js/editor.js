// The theme editor: fields that say their value, the preview beside its form, buttons that change settings. A module:
// however often a swap brings its element, it runs once.
const { all, on } = window.orbit;

// A field that shows its value in words: a range, a color.
on("input", (event) => {
  const { output, unit } = event.target.dataset ?? {};
  if (output) document.getElementById(output).textContent = event.target.value + (unit ?? "");
});

// A preview follows its form: the button marked data-preview is pressed soon after each change. The new page is drawn
// in a frame behind the old one and takes its place when it is there, at the same height: nothing flashes, and Back
// doesn't lead through every change.
let previewing = 0;
let previews = 0;
let typed = null; // the form with changes that no preview has shown yet
// What a preview has shown is saved as the person's draft: the server keeps both. The form's fields called "was." say
// so: the server leaves alone what another window has changed, where this form still has what it had. For a field that
// was typed in there is none until then, as the server may have it or not.
const saved = (form) => {
  typed = null;
  const now = new FormData(form);
  for (const was of all("[name^='was.config.']", form)) {
    was.value = now.getAll(was.name.slice(4)).join(",");
    was.disabled = false;
  }
  const draft = form.querySelector("[data-draft]");
  if (!draft || !("typed" in form.dataset)) return;
  draft.hidden = false;
  draft.querySelector("[data-draft-saved]").textContent = "just now";
};
// A page that is left before the next preview is there still has its changes saved: leaving ends a preview on its way.
const keep = () => {
  const button = typed?.querySelector("[data-preview]");
  if (!button || !typed.querySelector("[data-draft]")) return;
  fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(typed)), keepalive: true,
    redirect: "manual" });
  typed = null;
};
addEventListener("pagehide", keep);
on("htmx:before:swap", keep);
on("submit", (event) => {
  if (event.submitter?.matches("[data-preview]")) return;
  typed = null;
  clearTimeout(previewing); // of two submissions of a form at once browsers send the last alone
});
const preview = (button) => {
  const old = button.form.querySelector("iframe");
  if (!old) return;
  const box = old.parentElement;
  const fresh = old.cloneNode();
  fresh.removeAttribute("src");
  fresh.removeAttribute("data-stale");
  fresh.dataset.waiting = "";
  fresh.dataset.change = previewing;
  fresh.name = `${button.formTarget.split(" ")[0]} ${++previews}`; // a frame keeps the name it came with
  for (const overtaken of all("iframe[data-waiting]", box)) overtaken.remove();
  box.append(fresh);
  fresh.addEventListener("load", () => {
    if (!("waiting" in fresh.dataset)) return; // people walk about in it
    const shown = box.querySelector("iframe:not([data-waiting])");
    try {
      if (fresh.contentWindow.location.href === "about:blank") return;
      fresh.contentWindow.scrollTo(0, shown?.contentWindow.scrollY ?? 0);
    } catch {
      // A page of another host: preview.js asks for its place.
    }
    delete fresh.dataset.waiting;
    shown?.remove();
  });
  button.formTarget = fresh.name;
  button.form.requestSubmit(button);
};
const previewSoon = (form) => {
  const button = form?.querySelector("[data-preview]");
  if (!button) return;
  typed = form;
  clearTimeout(previewing);
  previewing = setTimeout(() => preview(button), 250);
};
on("input", (event) => {
  if (event.target.name === "width") return;
  if (event.target.name === "page" && event.target.form?.elements.at) event.target.form.elements.at.value = "";
  if (event.target.form && event.target.name?.startsWith("config.")) {
    const was = event.target.form.elements[`was.${event.target.name}`];
    if (was) was.disabled = true;
    event.target.form.dataset.typed = "";
  }
  previewSoon(event.target.form);
});
// People walk about in the frame; the next preview is of the page they have come to, as far down as they were.
const tops = new Map();
addEventListener("message", (event) => {
  const frame = [...all("iframe.preview-frame")].find((f) => f.contentWindow === event.source);
  const at = frame?.closest("form")?.elements.at;
  const { preview: path, top } = event.data ?? {};
  if (!at || typeof path !== "string") return;
  if (top !== undefined) return void tops.set(path, top);
  event.source.postMessage({ top: tops.get(path) ?? 0 }, "*"); // a sandboxed page has no origin to name
  if (frame.dataset.change === String(previewing)) saved(at.form);
  at.value = path;
  for (const page of all("[name=page]", at.form)) page.checked = page.value === at.value;
});

// Buttons that change a form of settings, at once where scripts are on; the server does the same with the form that
// they send.
const changed = (control) => control.dispatchEvent(new Event("input", { bubbles: true }));
on("click", (event) => {
  const look = event.target.closest?.("[data-look]");
  if (look) {
    event.preventDefault();
    for (const [key, value] of Object.entries(JSON.parse(look.dataset.look))) {
      const control = look.form.elements[`config.${key}`];
      control.value = value;
      changed(control);
    }
    return;
  }
  const now = event.target.closest?.("[data-preview-now]");
  if (now) {
    event.preventDefault();
    return preview(now.form.querySelector("[data-preview]"));
  }
  const move = event.target.closest?.("[data-move]");
  if (!move) return;
  event.preventDefault();
  const part = move.closest("[data-part]");
  if (move.dataset.move < 0) part.previousElementSibling?.before(part);
  else part.nextElementSibling?.after(part);
  move.focus();
  moved(part);
});
// A part that is somewhere else: said aloud, and previewed.
const moved = (part) => {
  const parts = [...part.parentElement.children];
  part.closest("fieldset").querySelector("[data-moved]").textContent =
    `${part.querySelector("label").textContent}: ${parts.indexOf(part) + 1} / ${parts.length}`;
  changed(part.querySelector("input"));
};

// A part follows the pointer, finger or mouse, that holds its grip: it changes places with a neighbor once the pointer
// has come to the middle of that. Escape, or a pointer that is taken away, puts it back.
on("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const part = grip.closest("[data-part]");
  const list = part.parentElement;
  const before = [...list.children];
  grip.setPointerCapture(event.pointerId);
  part.dataset.dragged = "";
  const stop = new AbortController();
  const { signal } = stop;
  const end = (keep) => {
    stop.abort();
    delete part.dataset.dragged;
    if (!keep) list.append(...before);
    else if (before.some((child, i) => child !== list.children[i])) moved(part);
  };
  const middle = (node) => {
    const box = node.getBoundingClientRect();
    return box.top + box.height / 2;
  };
  grip.addEventListener("pointermove", ({ clientY }) => {
    const next = part.nextElementSibling;
    const previous = part.previousElementSibling;
    // The neighbor is what moves in the page: a part that is taken out of it lets go of the pointer.
    if (next && clientY >= middle(next)) part.before(next);
    else if (previous && clientY <= middle(previous)) part.after(previous);
  }, { signal });
  grip.addEventListener("pointerup", () => end(true), { signal });
  grip.addEventListener("pointercancel", () => end(false), { signal });
  document.addEventListener("keydown", (key) => {
    if (key.key !== "Escape") return;
    key.preventDefault();
    end(false);
  }, { signal });
});
// Which preset is current shows after each change of a setting.
on("input", (event) => {
  const form = event.target.form;
  if (!form || !event.target.name?.startsWith("config.")) return;
  for (const look of all("[data-look]", form)) {
    const current = Object.entries(JSON.parse(look.dataset.look))
      .every(([key, value]) => form.elements[`config.${key}`].value === String(value));
    look.setAttribute("aria-pressed", current);
  }
});

// A preview that the server has marked as out of date is drawn anew, on this page and on each that htmx swaps in.
const refreshStale = () => {
  for (const frame of all("iframe[data-stale]")) previewSoon(frame.closest("form"));
};
on("htmx:after:swap", refreshStale);
refreshStale();

// What HTML and htmx can't do by themselves: answers that redirect, errors as toasts, dialogs, streams that come back,
// copy buttons, times that stay true. It adds listeners to the document only, so swapped content needs no set-up.
// No eval, no inline style: the pages' CSP allows neither.
(() => {
  "use strict";

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

  // Relative times: the words of ui.RelativeTime, counted again here.
  const relative = (ms) => {
    const ahead = ms < 0;
    const s = Math.floor(Math.abs(ms) / 1000);
    const say = (n, unit) => (ahead ? `in ${n} ${unit}` : `${n} ${unit} ago`);
    if (s < 10) return "just now";
    if (s < 60) return say(s, "s");
    if (s < 3600) return say(Math.floor(s / 60), "min");
    if (s < 86400) return say(Math.floor(s / 3600), "h");
    const days = Math.floor(s / 86400);
    if (days < 7) return say(days, days === 1 ? "day" : "days");
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
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
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

  // A plain form is sent once: the button shows that it is busy until the next page is here. What goes into a frame leaves the page as it is.
  on("submit", (event) => {
    const form = event.target;
    if (event.submitter?.hasAttribute("formtarget")) return;
    if (event.defaultPrevented || form.method === "dialog" || form.hasAttribute("hx-post") || form.hasAttribute("hx-get")) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "true";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
    for (const button of all("button[aria-busy]")) button.removeAttribute("aria-busy");
  });

  // Uploads: each file is sent by itself, so that one that is refused doesn't take the others along and the bar tells the truth.
  // The panel is read anew after each; what was refused is said in a toast that stays.
  const send = (form, file, step) => new Promise((done) => {
    const data = new FormData();
    data.append("batch", form.elements.batch.value);
    data.append("image", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.onprogress = (event) => step(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status === 200) return done("");
      const words = new DOMParser().parseFromString(request.responseText, "text/html").querySelector(".alert-words")?.textContent.trim();
      // A proxy in front may take less than the platform does: then the platform's own limit isn't the reason.
      const large = word(file.size > 10 << 20 ? "tooLarge" : "tooLargeHere");
      done(request.status === 422 && words ? words : `${file.name}: ${request.status === 413 ? large : request.status < 500 ? word("forbidden") : word("failed")}`);
    };
    request.onerror = () => done(`${file.name}: ${word("offline")}`);
    request.send(data);
  });
  const upload = async (form, files) => {
    if (form.dataset.busy || !files.length) return;
    form.dataset.busy = "true";
    const box = form.querySelector("[data-progress]");
    const says = box.querySelector("[role=status]");
    const bar = box.querySelector("progress");
    const most = Number(form.dataset.most);
    box.hidden = false;
    for (const [n, file] of files.entries()) {
      says.textContent = files.length > 1 ? `Uploading ${file.name}, ${n + 1} of ${files.length}` : `Uploading ${file.name}`;
      bar.value = 100 * n / files.length;
      const problem = file.size > most ? `${file.name}: ${word("tooLarge")}` : await send(form, file, (part) => { bar.value = 100 * (n + part) / files.length; });
      if (problem) toast("danger", problem);
    }
    form.reset();
    box.hidden = true;
    delete form.dataset.busy;
    htmx.ajax("GET", form.dataset.upload, { target: "#images", select: "#images", swap: "outerMorph" });
  };
  on("change", (event) => {
    const form = event.target.closest("form[data-upload]");
    if (form && event.target.type === "file") upload(form, [...event.target.files]);
  });
  for (const [type, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    on(type, (event) => {
      const zone = event.target instanceof Element && event.target.closest("form[data-upload] .prod-drop");
      if (!zone) return;
      event.preventDefault();
      zone.toggleAttribute("data-over", over);
      if (type === "drop") upload(zone.form ?? zone.closest("form"), [...event.dataTransfer.files]);
    });
  }

  // A field that shows its value in words: a range, a color.
  on("input", (event) => {
    const { output, unit } = event.target.dataset ?? {};
    if (output) document.getElementById(output).textContent = event.target.value + (unit ?? "");
  });

  // A preview follows its form: the button marked data-preview is pressed soon after each change. The new page is drawn in a frame behind
  // the old one and takes its place when it is there, at the same height: nothing flashes, and Back doesn't lead through every change.
  let previewing = 0;
  let previews = 0;
  const preview = (button) => {
    const old = button.form.querySelector("iframe");
    if (!old) return;
    const box = old.parentElement;
    const fresh = old.cloneNode();
    fresh.removeAttribute("src");
    fresh.removeAttribute("data-stale");
    fresh.dataset.waiting = "";
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
        // A page of another host: it is told its place when it asks (preview.js).
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
    clearTimeout(previewing);
    previewing = setTimeout(() => preview(button), 250);
  };
  on("input", (event) => {
    if (event.target.name === "width") return;
    if (event.target.name === "page" && event.target.form?.elements.at) event.target.form.elements.at.value = "";
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
    at.value = path;
    for (const page of all("[name=page]", at.form)) page.checked = page.value === at.value;
  });

  // Buttons that change a form of settings, at once where scripts are on; the server does the same with the form they send.
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
    const parts = [...part.parentElement.children];
    part.closest("fieldset").querySelector("[data-moved]").textContent = `${part.querySelector("label").textContent}: ${parts.indexOf(part) + 1} / ${parts.length}`;
    changed(part.querySelector("input"));
  });
  // Which preset is worn shows after each change of a setting.
  on("input", (event) => {
    const form = event.target.form;
    if (!form || !event.target.name?.startsWith("config.")) return;
    for (const look of all("[data-look]", form)) {
      const worn = Object.entries(JSON.parse(look.dataset.look)).every(([key, value]) => form.elements[`config.${key}`].value === String(value));
      look.setAttribute("aria-pressed", worn);
    }
  });

  // An answer that was redirected is another page (the form was accepted, the session ended): it takes the place of this one,
  // under its own address, with nothing fetched twice.
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
    const { status } = ctx.response;
    toast("danger", status === 401 || status === 403 ? word("forbidden") : status === 404 ? word("missing") : status === 429 ? word("tooMany") : word("failed"));
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
  // A page that nobody sees asks for no stream: one that came to a page that has been left would hold its connection for as long as the
  // browser keeps the page. hx-sse does the same for streams that have come.
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
    for (const frame of all("iframe[data-stale]")) previewSoon(frame.closest("form"));
  };
  on("htmx:after:swap", settled);
  settled();
})();

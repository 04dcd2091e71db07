// The editor of formatted texts. It stands in the place of a text area, which holds what is sent: HTML once somebody
// has formatted something, and the text as it was typed until then. A module: it runs once a page.
const actions = {
  bold: (e) => e.hasFormat("B") ? e.removeBold() : e.bold(),
  italic: (e) => e.hasFormat("I") ? e.removeItalic() : e.italic(),
  underline: (e) => e.hasFormat("U") ? e.removeUnderline() : e.underline(),
  heading: (e) => toggleBlock(e, "H3"),
  list: (e) => e.hasFormat("UL") ? e.removeList() : e.makeUnorderedList(),
  numbers: (e) => e.hasFormat("OL") ? e.removeList() : e.makeOrderedList(),
  quote: (e) => e.hasFormat("BLOCKQUOTE") ? e.decreaseQuoteLevel() : e.increaseQuoteLevel(),
  link: (e) => link(e),
  clear: (e) => e.removeAllFormatting(),
};
const pressed = { bold: "B", italic: "I", underline: "U", heading: "H3", list: "UL", numbers: "OL", quote: "BLOCKQUOTE",
  link: "A" };
const clean = (html) => {
  const fragment = DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, WHOLE_DOCUMENT: false,
    FORBID_ATTR: ["style", "class", "id"], FORBID_TAGS: ["style", "form", "input", "button", "iframe"] });
  return document.importNode(fragment, true);
};
const toggleBlock = (editor, name) => editor.modifyBlocks((fragment) => {
  for (const block of [...fragment.children]) {
    const made = document.createElement(block.nodeName === name ? "P" : name);
    if (!/^(P|DIV|H[1-6])$/.test(block.nodeName)) continue;
    made.append(...block.childNodes);
    block.replaceWith(made);
  }
  return fragment;
});
const link = (editor) => {
  if (editor.hasFormat("A")) return editor.removeLink();
  const url = window.prompt("Address of the link", "https://");
  if (url && /^(https?:|mailto:|tel:|\/|#)/i.test(url.trim())) editor.makeLink(url.trim());
};
const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const paragraphs = (text) => text.split(/\n{2,}/).map((p) => `<p>${escape(p).replaceAll("\n", "<br>")}</p>`).join("");

const start = (box) => {
  const area = box.querySelector("textarea");
  const format = box.querySelector("input[name$=_format]");
  const label = box.querySelector("label");
  if (!area || box.dataset.ready || area.disabled || area.closest("fieldset:disabled")) return;
  box.dataset.ready = "true";
  const bar = box.querySelector(".rich-bar");
  const frame = area.closest(".control");
  const root = document.createElement("div");
  root.className = "rich-text";
  const editor = new Squire(root, { blockTag: "P", sanitizeToDOMFragment: clean, tagAttributes: {} });
  root.setAttribute("role", "textbox");
  root.setAttribute("aria-multiline", "true");
  if (label) {
    label.id ||= area.id + "-label";
    root.setAttribute("aria-labelledby", label.id);
    label.addEventListener("click", (event) => { event.preventDefault(); editor.focus(); });
  }
  const notes = area.getAttribute("aria-describedby");
  if (notes) root.setAttribute("aria-describedby", notes);
  bar.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (button) { actions[button.dataset.act](editor); editor.focus(); }
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const all = [...bar.children];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    for (const b of all) b.tabIndex = b === next ? 0 : -1;
    next.focus();
    event.preventDefault();
  });
  let shown = format.value === "html" ? area.value : paragraphs(area.value);
  editor.setHTML(shown);
  const first = editor.getHTML();
  const store = () => {
    const html = editor.getHTML();
    if (html === first) return;
    format.value = "html";
    area.value = root.textContent.trim() || root.querySelector("img, hr") ? html : "";
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  editor.addEventListener("input", store);
  editor.addEventListener("pathChange", () => {
    for (const b of bar.children) {
      const tag = pressed[b.dataset.act];
      if (tag) b.setAttribute("aria-pressed", String(editor.hasFormat(tag)));
    }
  });
  frame.hidden = bar.hidden = true;
  frame.after(bar, root);
  bar.hidden = false;
  box.querySelector(".hint")?.remove();
};
const all = () => document.querySelectorAll("[data-rich]").forEach(start);
all();
document.addEventListener("htmx:after:swap", all);

// The product's page: the search engine listing as it is typed, and the variants as a grid for the keyboard: arrows and
// Enter move in a column, Ctrl+D takes the value from above, and lines that are pasted fill the column down.
const form = () => document.getElementById("product");
const column = (input) => {
  const name = input.name.split(".")[0];
  const all = input.closest("[data-grid]").querySelectorAll(`input[name^="${CSS.escape(name)}."]`);
  return [...all].filter((i) => i.type !== "hidden");
};
const put = (input, value) => {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};
const inGrid = (target) => target instanceof HTMLInputElement && target.closest("[data-grid]") &&
  target.name.includes(".");
document.addEventListener("keydown", (event) => {
  if (!inGrid(event.target) || event.isComposing) return;
  const cells = column(event.target);
  const at = cells.indexOf(event.target);
  const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
  if (step && event.target.type !== "checkbox") {
    const next = cells[at + step];
    if (next) { next.focus(); next.select?.(); }
    event.preventDefault();
  } else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey) && at > 0) {
    put(event.target, cells[at - 1].value);
    event.preventDefault();
  }
});
document.addEventListener("keypress", (event) => { // Enter would send the form
  if (event.key === "Enter" && inGrid(event.target)) event.preventDefault();
});
document.addEventListener("paste", (event) => {
  if (!inGrid(event.target)) return;
  const lines = event.clipboardData.getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  if (lines.length < 2) return;
  event.preventDefault();
  const cells = column(event.target);
  const at = cells.indexOf(event.target);
  lines.slice(0, cells.length - at).forEach((line, n) => put(cells[at + n], line.split("\t")[0].trim()));
});
const listing = () => {
  const box = document.querySelector("[data-listing]");
  if (!box || !form()) return;
  for (const p of box.querySelectorAll("[data-of]")) {
    const field = (name) => form().elements[name]?.value ?? "";
    let text = field(p.dataset.of) || field(p.dataset.or ?? "");
    if (p.dataset.or === "description" && !field(p.dataset.of) && field("description_format") === "html")
      text = new DOMParser().parseFromString(text.replace(/<\/(p|div|li|tr|h\d|blockquote)>|<br>/g, " "),
        "text/html").body.textContent;
    text = text.replace(/\s+/g, " ").trim();
    p.textContent = text.length > 160 ? text.slice(0, 159) + "…" : text;
  }
};
document.addEventListener("input", (event) => { if (form()?.contains(event.target)) listing(); });

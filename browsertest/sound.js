(() => {
  const faults = [];
  document.body.getBoundingClientRect(); // what a change of the scheme sets in motion starts here, and ends below
  for (const a of document.getAnimations()) if (a.effect.getComputedTiming().endTime < Infinity) a.finish();
  const all = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility());
  const name = (e) =>
    `${[e.tagName.toLowerCase(), ...e.classList].join(".")}#${e.id} “${e.textContent.trim().slice(0, 40)}”`;

  // Landmarks and headings.
  if (!document.title) faults.push("no title");
  if (!document.documentElement.lang) faults.push("no language");
  if (document.querySelectorAll("main").length !== 1) faults.push("not one main");
  if (document.querySelector("nav") && !document.querySelector('a[href="#main"], a[href="#content"], .skip')) {
    faults.push("no link past the menu");
  }
  let level = 0;
  for (const e of all("h1, h2, h3, h4, h5, h6").filter((e) => !e.closest("dialog"))) {
    const own = Number(e.tagName[1]);
    if (own > level + 1) faults.push(`a heading of level ${own} after ${level}: ${name(e)}`);
    level = own;
  }
  if (all("h1").length !== 1) faults.push(`${all("h1").length} main headings`);

  // Controls have names.
  for (const e of all("input:not([type=hidden]), select, textarea, button, a[href]")) {
    const label = e.getAttribute("aria-label") || e.getAttribute("title") ||
      (e.getAttribute("aria-labelledby") || "").split(" ").some((id) => document.getElementById(id)) ||
      [...(e.labels || [])].some((l) => l.textContent.trim()) ||
      (e.matches("button, a") && (e.textContent.trim() || e.querySelector("img[alt]:not([alt=''])"))) ||
      (e.matches("[type=submit]") && e.value);
    if (!label) faults.push(`no name: ${name(e)}`);
  }
  for (const e of all("img:not([alt])")) faults.push(`no alternative text: ${e.src}`);

  // Contrast, of text over plain backgrounds.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const luminance = (color) => {
    const [r, g, b] = color.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (e) => {
    if (!e) return rgba(matchMedia("(prefers-color-scheme: dark)").matches ? "#111" : "#fff").slice(0, 3);
    const style = getComputedStyle(e);
    if (style.backgroundImage !== "none") return null;
    const own = rgba(style.backgroundColor);
    if (own[3] === 1) return own.slice(0, 3);
    const under = behind(e.parentElement);
    return under && over(own, under);
  };
  for (const e of all("body *:not(svg *)")) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
    if (!text || e.closest(":disabled, [aria-disabled=true], option, .sr, .visually-hidden, [inert]")) continue;
    const style = getComputedStyle(e), under = behind(e);
    let opacity = 1;
    for (let at = e; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    if (!under || opacity < 0.9) continue;
    const [x, y] = [luminance(over(rgba(style.color), under)), luminance(under)];
    const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${name(e)}`);
  }
  return [...new Set(faults)].slice(0, 20);
})()

// Uploads: each file is sent by itself, so that a refused one doesn't take the others along and the bar is right.
// The panel is read anew after each; what was refused is said in a toast that stays. A module: it runs once a page.
const { on, toast, word } = window.orbit;

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
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const words = page.querySelector(".alert-words")?.textContent.trim();
    // A proxy in front may take less than the platform does: then the platform's own limit isn't the reason.
    const large = word(file.size > 10 << 20 ? "tooLarge" : "tooLargeHere");
    const refused = request.status === 413 ? large : word(request.status < 500 ? "forbidden" : "failed");
    done(request.status === 422 && words ? words : `${file.name}: ${refused}`);
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
    says.textContent = `Uploading ${file.name}` + (files.length > 1 ? `, ${n + 1} of ${files.length}` : "");
    bar.value = 100 * n / files.length;
    const step = (part) => { bar.value = 100 * (n + part) / files.length; };
    const problem = file.size > most ? `${file.name}: ${word("tooLarge")}` : await send(form, file, step);
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

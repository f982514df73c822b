// The document beside its findings: files are dropped or chosen, lines are numbered and marked, and a finding leads to
// its place.

const field = document.querySelector("#document");
const editor = field.closest(".editor");
const form = field.form;
const file = form.elements.file;
const gutter = document.createElement("div");
gutter.className = "gutter";
gutter.setAttribute("aria-hidden", "true");
editor.prepend(gutter);
document.documentElement.classList.add("scripted");

let marks = new Map();

number();
mark();
field.addEventListener("input", () => {
  file.value = "";
  marks = new Map();
  number();
});
field.addEventListener("scroll", () => (gutter.scrollTop = field.scrollTop));
form.addEventListener("answered", mark);
file.addEventListener("change", () => take(file.files[0]));

editor.addEventListener("dragover", (event) => {
  event.preventDefault();
  editor.classList.add("over");
});
editor.addEventListener("dragleave", () => editor.classList.remove("over"));
editor.addEventListener("drop", (event) => {
  event.preventDefault();
  editor.classList.remove("over");
  const dropped = event.dataTransfer.files[0];
  if (dropped) choose(dropped);
  else put(event.dataTransfer.getData("text/plain"), "");
});

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-go]");
  if (!link) return;
  event.preventDefault();
  go(link.closest("[data-line]").dataset);
});

function choose(dropped) {
  const one = new DataTransfer();
  one.items.add(dropped);
  file.files = one.files;
  file.dispatchEvent(new Event("change", { bubbles: true }));
}

// A file that is no text, or empty, stays chosen, and leaves what is in the field: the server says what is wrong with it.
async function take(chosen) {
  if (!chosen) return;
  const text = decoded(await chosen.arrayBuffer());
  if (text.trim() && chosen === file.files[0]) put(text, chosen.name);
}

function decoded(content) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(content);
    return text.includes("\0") ? "" : text;
  } catch {
    return "";
  }
}

function put(text, name) {
  form.elements.name.value = name;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function mark() {
  marks = new Map();
  for (const finding of document.querySelectorAll("#result .findings [data-line]")) {
    const line = Number(finding.dataset.line);
    const severity = finding.className.replace("-edge", "");
    if (!marks.has(line)) marks.set(line, severity);
  }
  number();
}

function number() {
  const lines = field.value.split("\n").length;
  const rows = [];
  for (let line = 1; line <= Math.min(lines, 20000); line += 1) {
    const row = document.createElement("span");
    row.textContent = line;
    if (marks.has(line)) row.className = marks.get(line);
    rows.push(row);
  }
  gutter.replaceChildren(...rows);
  gutter.scrollTop = field.scrollTop;
}

function go({ line, start, end }) {
  const characters = [...field.value];
  const before = characters.slice(0, Number(start)).join("").length;
  const within = characters.slice(Number(start), Number(end)).join("").length;
  const height = parseFloat(getComputedStyle(field).lineHeight);
  field.focus();
  field.setSelectionRange(before, before + within);
  field.scrollTop = Math.max(0, (Number(line) - 4) * height);
}

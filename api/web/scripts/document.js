// The document beside its findings: files are dropped or chosen, lines are numbered and marked, a finding leads to its
// place, and its example is put there.

import { canBeLaidOut, Folds, layOut } from "./layout.js";

const field = document.querySelector("#document");
const editor = field.closest(".editor");
const form = field.form;
const file = form.elements.file;
const offer = document.querySelector("[data-layout]");
const folds = new Folds(offer.dataset.folded);
const gutter = document.createElement("div");
gutter.className = "gutter";
gutter.setAttribute("aria-hidden", "true");
editor.prepend(gutter);
document.documentElement.classList.add("scripted");

let marks = new Map();
let checked = field.value; // the text to which the findings belong

number();
mark();
field.addEventListener("input", () => {
  file.value = "";
  marks = new Map();
  number();
});
field.addEventListener("scroll", () => (gutter.scrollTop = field.scrollTop));
form.addEventListener("asked", () => (checked = field.value));
form.addEventListener("answered", mark);
file.addEventListener("change", () => take(file.files[0]));
offer.querySelector("button").addEventListener("click", () => {
  put(folds.fold(layOut(folds.unfold(field.value))), form.elements.name.value);
  document.querySelector("[data-folds]").hidden = folds.isEmpty;
  field.focus();
});
// What is folded leaves the field as a whole: to the server, into the draft, and to the clipboard.
form.addEventListener("formdata", ({ formData }) => formData.set("document", folds.unfold(field.value)));
for (const way of ["copy", "cut"]) {
  field.addEventListener(way, (event) => {
    const selected = field.value.slice(field.selectionStart, field.selectionEnd);
    if (folds.unfold(selected) === selected) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", folds.unfold(selected));
    if (way === "cut") write("");
  });
}

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
  const control = event.target.closest?.("[data-go], [data-insert], [data-copy]");
  const finding = control?.closest(".findings li");
  if (!finding) return;
  event.preventDefault();
  const example = finding.querySelector("pre")?.textContent ?? "";
  if (control.matches("[data-copy]")) navigator.clipboard?.writeText(example);
  else if (control.matches("[data-go]")) go(finding.dataset);
  else insert(finding.dataset, example);
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
  field.setSelectionRange(0, 0);
  field.scrollTo(0, 0);
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

function number(current = 0) {
  const lines = field.value.split("\n").length;
  const rows = [];
  for (let line = 1; line <= Math.min(lines, 20000); line += 1) {
    const row = document.createElement("span");
    row.textContent = line;
    row.className = [marks.get(line), line === current && "current"].filter(Boolean).join(" ");
    rows.push(row);
  }
  gutter.replaceChildren(...rows);
  gutter.scrollTop = field.scrollTop;
  offer.hidden = !canBeLaidOut(field.value);
}

// Only a value that is to be replaced is selected; in an object the caret stands after its opening brace.
function go({ line, start, end }) {
  const [from, to] = place(start, end);
  const isWhole = "{[".includes(field.value[from]);
  const height = parseFloat(getComputedStyle(field).lineHeight);
  field.focus();
  field.setSelectionRange(isWhole ? from + 1 : from, isWhole ? from + 1 : to);
  number(Number(line));
  field.scrollTop = Math.max(0, (Number(line) - 4) * height);
}

// The example becomes the first member of its object, or takes the place of the value; what is there is never doubled.
function insert(finding, example) {
  go(finding);
  const [from, to] = place(finding.start, finding.end);
  const [, name, value] = /^\s*"([^"]+)"\s*:\s*([\s\S]*?)\s*$/.exec(example) ?? [];
  if (field.value !== checked || !name) return;
  const there = parsed(field.value.slice(from, to));
  if (finding.pointer.endsWith(`/${name}`)) {
    field.setSelectionRange(from, to);
    write(value);
  } else if (there && !Array.isArray(there) && typeof there === "object" && !(name in there)) {
    const indent = `\n${/^[ \t]*/.exec(field.value.slice(field.value.lastIndexOf("\n", from) + 1))[0]}  `;
    write(`${indent}"${name}": ${value.replaceAll("\n", indent)}${Object.keys(there).length ? "," : "\n"}`);
  }
}

// As typed, so that it can be undone.
function write(text) {
  const before = field.selectionStart;
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(before, before + text.length);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The server counts characters of the whole document, the browser units of UTF-16 of what it shows.
function place(start, end) {
  const characters = [...folds.unfold(field.value)];
  const before = characters.slice(0, Number(start)).join("").length;
  const after = before + characters.slice(Number(start), Number(end)).join("").length;
  return [before, after].map((position) => folds.place(position, field.value));
}

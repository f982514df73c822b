// What was entered in a form with documents, kept in this tab of the browser (sessionStorage) over a reload, a change of
// the language, and an answer that never came. Nothing of it leaves the browser.

const unkept = new Set(); // forms of which the browser keeps no draft

addEventListener("beforeunload", (event) => {
  if (unkept.size) event.preventDefault();
});

export function keepDraft(form) {
  const entries = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  unkept.delete(form);
  try {
    if (hasDocument(entries)) sessionStorage.setItem(key(form), JSON.stringify(entries));
    else sessionStorage.removeItem(key(form));
  } catch {
    unkept.add(form); // larger than what the browser keeps: the page still has it, and asks before it is left
  }
}

// Whether something was brought back that the page does not have.
export function restoreDraft(form) {
  const entries = JSON.parse(sessionStorage.getItem(key(form)) ?? "[]");
  const fields = [...form.querySelectorAll("textarea[name=document]")];
  if (!hasDocument(entries) || fields.some((field) => field.value.trim())) return false;
  for (const field of form.querySelectorAll("select, input:not([type=file], [type=hidden])")) fill(field, entries);
  const texts = values(entries, "document");
  const names = values(entries, "name");
  if (fields.length) {
    fields[0].value = texts[0];
    form.elements.name.value = names[0] ?? "";
  } else {
    texts.forEach((text, place) => add(form, text, names[place] ?? ""));
  }
  return true;
}

const key = (form) => `draft ${new URL(form.action).pathname}`;
const values = (entries, name) => entries.filter(([each]) => each === name).map(([, value]) => value);
const hasDocument = (entries) => values(entries, "document").some((text) => text.trim());

function fill(field, entries) {
  if (!field.name) return;
  const kept = values(entries, field.name);
  if (field.type === "checkbox") field.checked = kept.includes(field.value);
  else if (kept.length) field.value = kept[0];
}

// The server lays it out with the next answer.
function add(form, text, name) {
  const title = Object.assign(document.createElement("input"), { type: "hidden", name: "name", value: name });
  const content = Object.assign(document.createElement("textarea"), { name: "document", hidden: true, value: text });
  form.querySelector("#documents").prepend(title, content);
}

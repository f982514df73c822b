// Forms that answer as one types. A form with data-live="#part" is sent in the background, and that part of the page is
// replaced by the same part of the answer; everything else, and all that was entered, stays as it is.

import { keepDraft, restoreDraft } from "./draft.js";

const WAIT = 350; // milliseconds after the last key
const SLOW = 3000; // milliseconds until a person is told that it takes long

const texts = document.querySelector("#status-texts").dataset;

document.documentElement.classList.add("scripted");
for (const form of document.querySelectorAll("form[data-live]")) enliven(form);

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-print]")) window.print();
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-filter]")) filter(event.target);
});

for (const zone of document.querySelectorAll("[data-drop-files]")) {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const file = zone.querySelector("input[type=file]");
    file.files = event.dataTransfer.files;
    file.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function enliven(form) {
  const result = document.querySelector(form.dataset.live.split(" ")[0]);
  const status = document.createElement("p");
  status.className = "status visually-hidden";
  status.setAttribute("role", "status");
  result.before(status);
  let running = null;
  let timer = 0;

  const later = (event) => {
    if (event.target.matches("[data-filter]")) return;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  };
  if (form.hasAttribute("data-draft")) {
    form.addEventListener("input", () => keepDraft(form));
    form.addEventListener("answered", () => keepDraft(form));
    // After the other scripts of the page are there to hear of it.
    if (restoreDraft(form)) addEventListener("load", () => form.querySelector("[name=document]")?.dispatchEvent(new Event("input", { bubbles: true })));
  }
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const empty = [...form.querySelectorAll("[data-needed]")].find(isEmpty);
    if (event.submitter?.hasAttribute("data-download") && !empty) download(event.submitter);
    else ask(event.submitter).then(() => event.submitter && empty && focusOn(empty));
  });

  async function ask(submitter) {
    if (!form.isConnected) return;
    await tried(submitter, (data, signal) => fetched(form, data, signal), ({ page, address }) => {
      replace(form, page);
      if (address) history.replaceState(null, "", address);
      say(summary(result));
      form.dispatchEvent(new CustomEvent("answered", { bubbles: true }));
    });
  }

  // The page stays, whatever becomes of the file.
  async function download(submitter) {
    await tried(submitter, (data, signal) => file(form, data, signal), ({ page, blob, name }) => {
      say("");
      if (page) replace(form, page);
      else save(blob, name);
    });
  }

  async function tried(submitter, fetching, done) {
    running?.abort();
    const mine = (running = new AbortController());
    const data = new FormData(form, submitter instanceof HTMLElement ? submitter : undefined);
    const slow = setTimeout(() => say(texts.slow), SLOW);
    result.setAttribute("aria-busy", "true");
    say(texts.working);
    form.dispatchEvent(new CustomEvent("asked"));
    try {
      done(await fetching(data, mine.signal));
      result.classList.remove("stale");
    } catch (error) {
      if (error.name === "AbortError") return;
      result.classList.add("stale");
      say(result.querySelector("[data-status]:not(.hint)") ? `${texts.failed} ${texts.stale}` : texts.failed, submitter);
    } finally {
      clearTimeout(slow);
      if (mine === running) result.removeAttribute("aria-busy");
    }
  }

  // A text for a moment; with `retry`, one of a failure, which stays with a button to try the same again.
  function say(text, ...retry) {
    const failed = retry.length > 0;
    status.classList.toggle("failed", failed);
    status.classList.toggle("visually-hidden", !failed && text !== texts.slow && text !== texts.working);
    status.replaceChildren(text);
    if (!failed) return;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = texts.retry;
    again.addEventListener("click", () => (retry[0]?.isConnected ? form.requestSubmit(retry[0]) : ask()));
    status.append(" ", again);
  }
}

// What an answer says in one sentence, or nothing where it announces itself.
function summary(result) {
  return [...result.querySelectorAll("[data-status]")].map((part) => part.textContent.trim().replace(/\s+/g, " ")).join(". ");
}

function isEmpty(field) {
  const filled = field.matches("ul") ? field.querySelector(":checked") : field.value.trim();
  return !filled && !otherwise(field);
}

// A field that another one stands in for: a file for a text, a document for a credential of the catalogue.
function otherwise(field) {
  const other = field.dataset.needed && [...document.querySelectorAll(field.dataset.needed)];
  return other && other.some((each) => each.value);
}

async function fetched(form, data, signal) {
  const headers = { Accept: "text/html" };
  let response;
  if (form.method === "get") {
    const address = `${form.action.split("?")[0]}?${new URLSearchParams([...data].filter(([, value]) => value !== ""))}`;
    response = await fetch(address, { headers, signal });
  } else {
    response = await fetch(form.action, { method: "POST", body: data, headers, signal });
  }
  if (response.status >= 500) throw new Error(String(response.status));
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const shareable = form.method === "get" || response.redirected;
  return { page, address: shareable ? response.url : null };
}

async function file(form, data, signal) {
  const response = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "text/html" }, signal });
  if (response.status >= 500) throw new Error(String(response.status));
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  if (name) return { blob: await response.blob(), name };
  return { page: new DOMParser().parseFromString(await response.text(), "text/html") };
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// A part in which a person is at work is left alone; a file that was sent is not kept chosen.
function inUse(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input:not([type=file]), select, textarea");
}

function replace(form, page) {
  const parts = form.dataset.live.split(" ");
  const active = document.activeElement;
  const list = parts.find((part) => document.querySelector(part)?.contains(active));
  for (const part of parts) {
    const here = document.querySelector(part);
    const there = page.querySelector(part) ?? (part === parts[0] ? page.querySelector("main .problem") : null);
    if (!here || !there || inUse(here)) continue;
    const open = [...here.querySelectorAll("details[id][open]")].map((each) => each.id);
    here.replaceChildren(...(there.matches(part) ? there.childNodes : [there]));
    for (const id of open) here.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  }
  if (active && !active.isConnected) restore(active, document.querySelector(parts[0]), document.querySelector(list));
}

// An answer may have replaced the field.
function focusOn(field) {
  const current = (field.id && document.getElementById(field.id)) || field;
  (current.querySelector("input") ?? current).focus();
}

// The focus stays on a field that was replaced, or in a list of which one was removed; where its button is gone it goes
// to the answer.
function restore(active, result, list) {
  const same = (active.id && document.getElementById(active.id)) || (list !== result && list?.querySelector("button"));
  const verdict = result.querySelector("[tabindex='-1']") ?? result;
  if (!same && verdict === result) result.tabIndex = -1;
  const place = same || verdict;
  place.focus({ preventScroll: Boolean(same) });
  if (!same) place.scrollIntoView({ block: "nearest" });
}

function filter(field) {
  const words = field.value.toLowerCase().split(/\s+/);
  for (const item of document.querySelectorAll(`${field.dataset.filter} > li`)) {
    const text = item.textContent.toLowerCase();
    item.hidden = !item.querySelector(":checked") && !words.every((word) => text.includes(word));
  }
}

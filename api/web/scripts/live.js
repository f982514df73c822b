// Forms that answer as one types. A form with data-live="#part" is sent in the background, and that part of the page is
// replaced by the same part of the answer; everything else, and all that was entered, stays as it is.

const WAIT = 350; // milliseconds after the last key
const SLOW = 3000; // milliseconds until a person is told that it takes long

const texts = document.querySelector("#status-texts").dataset;

for (const form of document.querySelectorAll("form[data-live]")) enliven(form);

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

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
  const status = document.createElement("p");
  status.className = "status";
  status.setAttribute("role", "status");
  form.append(status);
  let running = null;
  let timer = 0;

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-whole")) return;
    event.preventDefault();
    clearTimeout(timer);
    ask(event.submitter);
  });

  async function ask(submitter) {
    if (!form.isConnected) return;
    running?.abort();
    const mine = (running = new AbortController());
    const data = new FormData(form, submitter instanceof HTMLElement ? submitter : undefined);
    const slow = setTimeout(() => say(texts.slow), SLOW);
    form.setAttribute("aria-busy", "true");
    say(texts.working);
    try {
      const { page, address } = await fetched(form, data, mine.signal);
      replace(form, page);
      if (address) history.replaceState(null, "", address);
      say("");
      form.dispatchEvent(new CustomEvent("answered", { bubbles: true }));
    } catch (error) {
      if (error.name === "AbortError") return;
      say(texts.failed, true);
    } finally {
      clearTimeout(slow);
      if (mine === running) form.removeAttribute("aria-busy");
    }
  }

  function say(text, failed = false) {
    status.classList.toggle("failed", failed);
    status.replaceChildren(text);
    if (!failed) return;
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = texts.retry;
    again.addEventListener("click", () => ask());
    status.append(" ", again);
  }
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

// A part in which a person is at work is left alone; a file that was sent is not kept chosen.
function inUse(part) {
  const active = document.activeElement;
  return part.contains(active) && active.matches("input:not([type=file]), select, textarea");
}

function replace(form, page) {
  const parts = form.dataset.live.split(" ");
  for (const part of parts) {
    const here = document.querySelector(part);
    const there = page.querySelector(part) ?? (part === parts[0] ? page.querySelector("main .problem") : null);
    if (!here || !there || inUse(here)) continue;
    const open = [...here.querySelectorAll("details[id][open]")].map((each) => each.id);
    here.replaceChildren(...(there.matches(part) ? there.childNodes : [there]));
    for (const id of open) here.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
  }
}

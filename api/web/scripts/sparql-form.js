// The SPARQL page before its editor: a plain form, which works as it is. The editor is large; it comes when a person
// turns to the form, opens an example, or follows a shared address.

const place = document.querySelector("#yasgui");
const form = document.querySelector("#plain-sparql");
const parameters = document.querySelector("#parameters");
const status = document.querySelector("#sparql-status");
let loading = null;

for (const part of [form, parameters]) {
  for (const sign of ["pointerover", "focusin"]) part.addEventListener(sign, () => editor());
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  editor().then((loaded) => loaded?.run());
});
parameters.addEventListener("submit", (event) => {
  event.preventDefault();
  editor().then((loaded) => loaded?.run());
});
for (const link of document.querySelectorAll("[data-example]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    example(link);
  });
}
if (location.hash.includes("query=")) editor();
// It is fetched as soon as all else is there, and not run.
else if (document.readyState === "complete") prefetch();
else addEventListener("load", prefetch);

async function example(link) {
  const loaded = await editor();
  try {
    const response = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    loaded?.open(link.textContent, page.querySelector("[name=query]").dataset.template);
    (parameters.hidden ? place : parameters).scrollIntoView({ block: "start" });
  } catch {
    status.textContent = place.dataset.failed;
  }
}

// The editor, once; where it cannot be had the form stays, with what was written.
async function editor() {
  try {
    status.textContent = "";
    return await (loading ??= load());
  } catch {
    loading = null;
    status.textContent = place.dataset.failed;
    return null;
  }
}

async function load() {
  const [{ createEditor }] = await Promise.all([import(place.dataset.script), style(place.dataset.style)]);
  return createEditor({ place, form, parameters });
}

function prefetch() {
  for (const href of [place.dataset.script, place.dataset.style]) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href }));
  }
}

function style(address) {
  return new Promise((loaded, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address });
    link.addEventListener("load", loaded);
    link.addEventListener("error", () => (link.remove(), failed(new Error(address))));
    document.head.append(link);
  });
}

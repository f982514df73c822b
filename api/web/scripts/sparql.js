// The SPARQL page: YASGUI over our endpoint, with our prefixes, our named queries as examples, completion from the
// graph itself, and results as a table or as a chart. Nothing is asked of any other server.

import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import { Chart } from "./chart.js";
import { problemView, unmark } from "./query-problem.js";

const place = document.querySelector("#yasgui");
const form = document.querySelector("#plain-sparql");
const prefixes = JSON.parse(document.querySelector("#prefixes").dataset.prefixes);
const field = form.elements.query;

Yasgui.Yasr.registerPlugin("chart", Chart, true);
Yasgui.Yasr.registerPlugin("table", plain(Yasgui.Yasr.plugins.table), true);
Yasgui.Yasr.registerPlugin("error", problemView(() => yasgui.getTab()?.getYasqe(), place.dataset), true);
complete("classes", (yasqe, before) => before === "a" || before?.endsWith("type"));
complete("properties", (yasqe, before, token) => token.state.possibleCurrent.includes("a"));
Yasgui.Yasqe.registerAutocompleter(ourPrefixes(), true);

const endpoint = `${location.origin}/sparql`;
const yasgui = new Yasgui(place, {
  autofocus: false,
  persistenceId: null,
  // A shared address brings its query, and never another endpoint.
  populateFromUrl: (shared) => ({ ...shared, requestConfig: { ...shared.requestConfig, endpoint } }),
  copyEndpointOnNewTab: true,
  requestConfig: { endpoint, method: "POST" },
  endpointCatalogueOptions: { getData: () => [] },
  yasqe: {
    value: field.value,
    prefixCcApi: null,
    // The keys that lead from field to field lead out of the editor too.
    extraKeys: { Tab: false, "Shift-Tab": false },
    autocompleters: ["variables", "our-prefixes", "classes", "properties"],
  },
  yasr: { pluginOrder: ["table", "chart", "boolean", "response"], prefixes },
});
form.hidden = true;
tell();
const untouched = new Map([[yasgui.getTab()?.getId(), field.value]]); // the text that was put into each tab
yasgui.on("query", (_, tab) => unmark(tab.getYasqe()));
new MutationObserver(tell).observe(place, { childList: true, subtree: true });

for (const link of document.querySelectorAll("[data-example]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const page = new DOMParser().parseFromString(await (await fetch(link.href, { headers: { Accept: "text/html" } })).text(), "text/html");
    open(link.textContent, page.querySelector("[name=query]").value);
    place.scrollIntoView({ block: "start" });
  });
}

// An example takes the place of one that nobody changed; what was written stays in its tab.
function open(title, query) {
  const current = yasgui.getTab();
  const free = current && [untouched.get(current.getId()), ""].includes(current.getQuery());
  const tab = free ? current : yasgui.addTab(true);
  tab.setName(title);
  tab.setQuery(query);
  untouched.set(tab.getId(), query);
  tab.query().catch(() => {});
}

// Values without their datatypes and the numbers of their rows, until a reader asks for them.
function plain(Table) {
  return class extends Table {
    draw(settings) {
      super.draw({ compact: true, ...settings });
    }
  };
}

// What a reader who does not see the page must be told, and YASGUI does not say.
function tell() {
  const texts = place.dataset;
  name(".CodeMirror textarea", texts.query);
  name(".tableSizer", texts.size);
  name(".tableFilter", texts.filter);
  place.querySelector(".CodeMirror-scroll:not([tabindex='0'])")?.setAttribute("tabindex", "0");
  const more = place.querySelector(".addTab");
  more?.closest("div")?.setAttribute("role", "presentation");
  more?.setAttribute("role", "tab");
  name(".addTab", texts.tab);
}

function name(selector, text) {
  for (const element of place.querySelectorAll(`${selector}:not([data-named])`)) {
    element.setAttribute("aria-label", text);
    element.dataset.named = "";
  }
}

function ourPrefixes() {
  const known = Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`);
  return {
    ...Yasgui.Yasqe.Autocompleters.prefixes,
    name: "our-prefixes",
    persistenceId: null,
    get: () => known,
  };
}

function complete(name, fits) {
  const model = Yasgui.Yasqe.Autocompleters[name === "classes" ? "class" : "property"];
  let known = null;
  Yasgui.Yasqe.registerAutocompleter(
    {
      ...model,
      name,
      bulk: true,
      autoShow: false,
      persistenceId: null,
      get: () => (known ??= named(`browse/${name}`)),
    },
    true,
  );
}

async function named(query) {
  const answer = await fetch(`/v1/queries/${query}?format=json`);
  if (!answer.ok) return [];
  const { head, results } = await answer.json();
  return results.bindings.map((row) => row[head.vars[0]].value);
}

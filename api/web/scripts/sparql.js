// The SPARQL page: YASGUI over our endpoint, with our prefixes, our named queries as examples, fields for their
// parameters, completion from the graph itself, and results as a table or as a chart. Nothing is asked of any other server.

import Yasgui from "@zazuko/yasgui";
import "@zazuko/yasgui/build/yasgui.min.css";
import { Chart } from "./chart.js";
import { bind, Fields } from "./parameters.js";
import { problemView, unmark } from "./query-problem.js";

const endpoint = `${location.origin}/sparql`;
const prefixes = JSON.parse(document.querySelector("#prefixes").dataset.prefixes);
let place;

// The editor in its place on the page, with what was written in the plain form, which it replaces.
export function createEditor({ place: element, form, parameters }) {
  place = element;
  const field = form.elements.query;
  const isWritten = field.value !== field.defaultValue;
  const query = isWritten ? field.value : field.dataset.template;
  const fields = new Fields(parameters);
  const followed = new Set(); // the editors whose text is followed
  const untouched = new Map(); // the text that was put into each tab
  const inputs = [...parameters.querySelectorAll("[data-fields] input")].map(({ name, value }) => [name, value]);
  const active = document.activeElement;

  Yasgui.Yasr.registerPlugin("chart", Chart, true);
  Yasgui.Yasr.registerPlugin("table", plain(Yasgui.Yasr.plugins.table), true);
  Yasgui.Yasr.registerPlugin("error", problemView(() => yasgui.getTab()?.getYasqe(), place.dataset), true);
  complete("classes", (yasqe, before) => before === "a" || before?.endsWith("type"));
  complete("properties", (yasqe, before, token) => token.state.possibleCurrent.includes("a"));
  Yasgui.Yasqe.registerAutocompleter(ourPrefixes(), true);

  const yasgui = new Yasgui(place, {
    autofocus: false,
    persistenceId: null,
    // A shared address brings its query, and never another endpoint.
    populateFromUrl: (shared) => ({ ...shared, requestConfig: { ...shared.requestConfig, endpoint } }),
    copyEndpointOnNewTab: true,
    requestConfig: { endpoint, method: "POST", adjustQueryBeforeRequest: (yasqe) => bound(yasqe.getValue()) },
    endpointCatalogueOptions: { getData: () => [] },
    yasqe: {
      value: query,
      prefixCcApi: null,
      // The keys that lead from field to field lead out of the editor too.
      extraKeys: { Tab: false, "Shift-Tab": false },
      autocompleters: ["variables", "our-prefixes", "classes", "properties"],
    },
    yasr: { pluginOrder: ["table", "chart", "boolean", "response"], prefixes },
  });
  form.hidden = true;
  tell();
  new MutationObserver(tell).observe(place, { childList: true, subtree: true });
  untouched.set(yasgui.getTab()?.getId(), query);
  Object.assign(fields.values(yasgui.getTab()?.getId()), Object.fromEntries(inputs));
  yasgui.on("query", (_, tab) => unmark(tab.getYasqe()));
  yasgui.on("tabSelect", () => setTimeout(show)); // after the tab is the selected one
  yasgui.on("tabChange", show);
  show();
  if (form.contains(active)) focus(field.selectionStart, isWritten);
  else if (active && !active.isConnected) parameters.elements[active.name]?.focus();

  function show() {
    const tab = yasgui.getTab();
    if (!tab) return;
    fields.show(tab.getId(), tab.getQuery());
    const yasqe = tab.getYasqe();
    if (yasqe && !followed.has(yasqe)) yasqe.on("change", show); // at once: what comes or goes later moves the buttons
    followed.add(yasqe);
    tab.getShareableLink = (address = location.href) => shareable(address, tab);
  }

  function bound(text) {
    return bind(text, fields.values(yasgui.getTab()?.getId()));
  }

  // The address brings the query with the values of its parameters.
  function shareable(address, tab) {
    const url = new URL(Object.getPrototypeOf(tab).getShareableLink.call(tab, address));
    const shared = new URLSearchParams(url.hash.slice(1));
    shared.set("query", bound(tab.getQuery()));
    url.hash = [...shared].map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
    return url.href;
  }

  // Where the text is that of the form, the caret stays where it was.
  function focus(caret, isSame) {
    const yasqe = yasgui.getTab()?.getYasqe();
    yasqe?.focus();
    if (isSame || field.value === query) yasqe?.setCursor(yasqe.posFromIndex(caret));
  }

  function run() {
    yasgui.getTab()?.query().catch(() => {});
  }

  // An example takes the place of one that nobody changed; what was written stays in its tab.
  function open(title, text) {
    const current = yasgui.getTab();
    const free = current && [untouched.get(current.getId()), ""].includes(current.getQuery());
    const tab = free ? current : yasgui.addTab(true);
    tab.setName(title);
    tab.setQuery(text);
    untouched.set(tab.getId(), text);
    show();
    run();
  }

  return { open, run };
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

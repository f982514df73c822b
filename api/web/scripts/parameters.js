// The parameters of a named query as fields: its header documents them, and an inline data block stands for each,
// `VALUES ?level { UNDEF }`. A field that is empty leaves its block as it is, for all values.

const BLOCK = /\bVALUES\s+\?(\w+)\s*\{\s*UNDEF\s*\}/gi;
const ENTRY = /^#\s+\?(\w+)\s{2,}(iri|string|integer|date)\s{2,}(\S.*?)\s{2,}(\S.*)$/gm;
const TYPES = { iri: "url", integer: "number", date: "date" };
const XSD = "http://www.w3.org/2001/XMLSchema#";

export function parametersOf(query) {
  const open = new Set([...query.matchAll(BLOCK)].map(([, name]) => name));
  const entries = [...query.matchAll(ENTRY)].map(([, name, kind, example, meaning]) => ({ name, kind, example, meaning }));
  return entries.filter(({ name }) => open.has(name));
}

// The query with the values in its blocks, as terms: no value can change what the query is.
export function bind(query, values) {
  const kinds = new Map(parametersOf(query).map(({ name, kind }) => [name, kind]));
  return query.replace(BLOCK, (block, name) => {
    const term = kinds.has(name) && values[name]?.trim() && termOf(kinds.get(name), values[name].trim());
    return term ? `VALUES ?${name} { ${term} }` : block;
  });
}

function termOf(kind, value) {
  if (kind === "iri") return `<${value.replace(/[\x00-\x20<>"{}|\\^`]/g, encodeURIComponent)}>`;
  if (kind === "integer") return Number.isSafeInteger(Number(value)) ? String(Number(value)) : "";
  if (kind === "date") return `${JSON.stringify(value)}^^<${XSD}date>`;
  return JSON.stringify(value);
}

// The fields of the query that is shown; each tab of the editor keeps its own values.
export class Fields {
  #form;
  #shown = "";
  #values = new Map();

  constructor(form) {
    this.#form = form;
    form.addEventListener("input", ({ target }) => {
      this.values(this.#form.dataset.tab)[target.name] = target.value;
    });
  }

  values(tab) {
    if (!this.#values.has(tab)) this.#values.set(tab, {});
    return this.#values.get(tab);
  }

  show(tab, query) {
    const parameters = parametersOf(query);
    const shown = [tab, ...parameters.map(({ name }) => name)].join(" ");
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#form.dataset.tab = tab;
    this.#form.hidden = !parameters.length;
    const values = this.values(tab);
    this.#form.querySelector("[data-fields]").replaceChildren(
      ...parameters.map((parameter) => this.#field(parameter, (values[parameter.name] ??= parameter.example))),
    );
  }

  #field({ name, kind, meaning }, value) {
    const field = this.#form.querySelector("template").content.cloneNode(true);
    const id = `parameter-${name}`;
    Object.assign(field.querySelector("label"), { htmlFor: id, textContent: name });
    const input = field.querySelector("input");
    Object.assign(input, { id, name, type: TYPES[kind] ?? "text", value });
    input.setAttribute("aria-describedby", `${id}-meaning`);
    Object.assign(field.querySelector(".hint"), { id: `${id}-meaning`, textContent: meaning });
    return field;
  }
}

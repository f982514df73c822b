// A bar for each row of a result: its length is the first number of the row, its name the first text. The table beside
// it says the same.

const NUMBER = /#(integer|decimal|double|float|int|long|nonNegativeInteger|positiveInteger)$/;
const MOST = 100; // bars
const SVG = "http://www.w3.org/2000/svg";

export class Chart {
  priority = 5;
  label = "Chart";
  hideFromSelection = false;

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    return this.bars().length > 0;
  }

  bars() {
    const rows = this.yasr.results?.getBindings?.() ?? [];
    const found = [];
    for (const row of rows.slice(0, MOST)) {
      const values = Object.values(row);
      const size = values.find((value) => NUMBER.test(value.datatype ?? ""));
      const name = values.find((value) => value !== size);
      if (size) found.push({ name: name ? short(name.value) : "", size: Number(size.value) });
    }
    return found;
  }

  draw() {
    const bars = this.bars();
    const most = Math.max(...bars.map((bar) => Math.abs(bar.size)), 1);
    const svg = drawn("svg", {
      class: "result-chart",
      viewBox: `0 0 760 ${bars.length * 26 + 8}`,
      role: "img",
      "aria-label": bars.map((bar) => `${bar.name}: ${bar.size}`).join("; "),
    });
    bars.forEach((bar, place) => {
      const y = place * 26 + 4;
      const length = (Math.abs(bar.size) / most) * 380;
      svg.append(
        drawn("text", { x: 268, y: y + 15, class: "name" }, bar.name.length > 36 ? `${bar.name.slice(0, 35)}…` : bar.name),
        drawn("rect", { x: 280, y, width: length, height: 20, rx: 3 }),
        drawn("text", { x: 288 + length, y: y + 15 }, String(bar.size)),
      );
    });
    this.yasr.resultsEl.replaceChildren(svg);
  }

  getIcon() {
    const icon = drawn("svg", { viewBox: "0 0 24 24", width: 16, height: 16, "aria-hidden": "true" });
    icon.append(drawn("path", { d: "M4 4h6v4H4zM4 10h12v4H4zM4 16h9v4H4z" }));
    return icon;
  }
}

function drawn(name, attributes, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

function short(value) {
  return /^https?:/.test(value) ? value.split(/[#/]/).filter(Boolean).at(-1) : value;
}

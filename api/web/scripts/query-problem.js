// What is wrong with a query, or that the server did not answer: in words, with the line marked in the editor.

const MARK = "fault";

export function problemView(editor, texts) {
  return class {
    priority = 20;
    hideFromSelection = true;

    constructor(yasr) {
      this.yasr = yasr;
    }

    canHandleResults() {
      return Boolean(this.yasr.results?.getError());
    }

    draw() {
      const problem = details(this.yasr.results.getError().text ?? "");
      const view = element("div", { className: "problem", role: "alert" });
      view.append(
        problem
          ? element("p", {}, element("strong", {}, `${problem.title}.`), " ", problem.detail ?? "")
          : element("p", {}, texts.failed),
      );
      if (problem?.advice) view.append(element("p", {}, problem.advice));
      if (problem?.line) view.append(this.place(problem));
      this.yasr.resultsEl.replaceChildren(view);
    }

    place({ line, column = 1 }) {
      const yasqe = editor();
      yasqe?.addLineClass(line - 1, "background", MARK);
      yasqe?.addLineClass(line - 1, "wrap", MARK);
      const button = element("button", { type: "button" }, texts.go.replace("{number}", line));
      button.addEventListener("click", () => {
        yasqe.focus();
        yasqe.setCursor({ line: line - 1, ch: column - 1 });
      });
      return element("p", {}, button);
    }

    getIcon() {
      return document.createElement("span");
    }
  };
}

export function unmark(yasqe) {
  yasqe?.eachLine((line) => {
    yasqe.removeLineClass(line, "background", MARK);
    yasqe.removeLineClass(line, "wrap", MARK);
  });
}

// The problem details (RFC 9457) of an answer, or nothing where there was no answer.
function details(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function element(name, properties, ...content) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}

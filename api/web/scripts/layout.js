// A JSON document on lines of its own: only the spaces between its parts change, no text, number or name. What nobody
// reads, such as a picture in Base64, is folded to a mark.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const LONG = 2000; // characters of a line that nobody can read
const CODE = /(?:[A-Za-z0-9+/_=-]|\\\/){1000,}/g; // Base64 within a text
const MARK = /⟦[^⟦⟧]*⟧/g;
const SIGNATURES = ["proof", "signature", "signatures", "payload"];

// Whether a document has lines that nobody can read and may be laid out: of a signed one every character may count.
export function canBeLaidOut(text) {
  if (text.length <= LONG || !text.split("\n").some((line) => line.length > LONG)) return false;
  let isSigned = false;
  try {
    const content = JSON.parse(text, (name, value) => {
      isSigned ||= SIGNATURES.includes(name);
      return value;
    });
    return typeof content === "object" && !isSigned && new Folds("{number}").fold(layOut(text)) !== text;
  } catch {
    return false;
  }
}

export function layOut(text) {
  let depth = 0;
  let laid = "";
  let before = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if ("}]".includes(token)) {
      depth -= 1;
      laid += "{[".includes(before) ? token : newLine(depth) + token;
    } else {
      laid += before && "{[,".includes(before) ? newLine(depth) + token : token;
      if ("{[".includes(token)) depth += 1;
      if (token === ":") laid += " ";
    }
    before = token;
  }
  return laid;
}

// The parts of a text that are folded, each to a mark that names its length; every mark can be unfolded again.
export class Folds {
  #parts = new Map();
  #words;

  constructor(words) {
    this.#words = words;
  }

  get isEmpty() {
    return this.#parts.size === 0;
  }

  fold(text) {
    return text.replace(CODE, (code) => {
      const mark = `⟦${this.#parts.size + 1}: ${this.#words.replace("{number}", code.length.toLocaleString(document.documentElement.lang))}⟧`;
      this.#parts.set(mark, code);
      return mark;
    });
  }

  unfold(text) {
    return text.replace(MARK, (mark) => this.#parts.get(mark) ?? mark);
  }

  // Where a place of the whole text is in the folded one.
  place(whole, folded) {
    let gained = 0;
    for (const { 0: mark, index } of folded.matchAll(MARK)) {
      const code = this.#parts.get(mark) ?? mark;
      if (whole <= index + gained) break;
      if (whole < index + gained + code.length) return index;
      gained += code.length - mark.length;
    }
    return whole - gained;
  }
}

function newLine(depth) {
  return `\n${"  ".repeat(depth)}`;
}

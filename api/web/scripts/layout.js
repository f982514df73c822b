// A JSON document on lines of its own: only the spaces between its parts change, no text, number or name.

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const LONG = 2000; // characters of a line that nobody can read

// A document with a long line that may be laid out: of a signed one every character may count.
export function isOneLongLine(text) {
  if (text.length <= LONG || !text.split("\n").some((line) => line.length > LONG)) return false;
  try {
    const content = JSON.parse(text);
    const isSigned = ["proof", "signature", "signatures", "payload"].some((name) => name in Object(content));
    return typeof content === "object" && !isSigned && layOut(text) !== text;
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

function newLine(depth) {
  return `\n${"  ".repeat(depth)}`;
}

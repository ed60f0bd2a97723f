// YAML as lines: a number, a text, and the fields of the Ingress that a line stands for or comes from, the narrowest first.
const keyOf = /^(\s*(?:- )*)("(?:[^"\\]|\\.)*"|[^\s"'#:][^:]*):(?=\s|$)/;

function codeOf(text) {
  const shown = visible(text);
  const m = keyOf.exec(shown);
  if (!m) return el("code", "", shown);
  return el("code", "", m[1], el("i", "", `${m[2]}:`), shown.slice(m[0].length));
}

// yamlLines makes the lines of a text. Lines with fields can be chosen; marks gives fields the class of what was found.
function yamlLines(yaml, texts, marks = new Map()) {
  const box = el("div", "text");
  const links = new Map();
  for (const [first, n, ...fields] of yaml.links) for (let i = first; i < first + n; i++) links.set(i, fields);
  yaml.text.forEach((text, i) => {
    const fields = links.get(i);
    const no = el(fields ? "button" : "span", "no", String(i + 1));
    const line = el("div", fields ? "ln link" : "ln", no, codeOf(texts[text]));
    if (fields) {
      no.type = "button";
      no.tabIndex = -1;
      line.fields = fields;
      if (marks.has(fields[0])) line.classList.add(`m-${marks.get(fields[0])}`);
    }
    box.append(line);
  });
  return box;
}

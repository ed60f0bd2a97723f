// One Ingress, opened: what was found, and the Ingress beside the objects that it becomes, with lines between what belongs together.
const worst = ["blocking", "refused", "manual", "invalid", "approximate", "unknown", "note", "noop", "exact"];

function findingOf([code, cls, field, line, marks, message], texts) {
  const c = index.codes[code];
  const kind = marks & 1 ? "blocking" : cls < 0 ? "note" : index.words[cls];
  const word = marks & 1 ? "blocking" : marks & 2 ? "accepted" : cls < 0 ? c.severity : index.words[cls];
  return { code: c.code, kind, word: marks & 4 ? `${word}, known` : word, advice: c.advice, message: texts[message], field, at: field < 0 ? "" : texts[field], line };
}

function findingItem(f, pick) {
  const link = el("a", "", f.code);
  link.href = `#c-${f.code}`;
  const at = el("p", "at", link);
  if (f.at) {
    const go = el("button", "at", el("code", "", visible(f.at)), f.line ? `, line ${f.line}` : "");
    go.type = "button";
    go.addEventListener("click", () => pick(f.field));
    at.append(" · ", go);
  }
  const text = el("div", "", el("p", "", visible(f.message)));
  if (f.advice) text.append(el("p", "do", f.advice));
  text.append(at);
  return el("li", "", el("span", `cl c-${f.kind}`, f.word), text);
}

function findingList(all, pick, quiet) {
  const list = (fs) => el("ul", "fs", ...fs.map((f) => findingItem(f, pick)));
  const loud = all.filter((f) => f.kind !== "exact" && f.kind !== "noop");
  const calm = all.filter((f) => f.kind === "exact" || f.kind === "noop");
  const out = [el("h4", "", loud.length ? "What was found" : "Nothing needs attention")];
  if (loud.length) out.push(list(loud));
  if (calm.length) out.push(el("details", "fold", el("summary", "", quiet), list(calm)));
  else if (quiet) out.push(el("p", "note", quiet));
  return out;
}

function objectOf(o, texts, open) {
  const head = el("summary", "", o.kind, el("bdi", "name", visible(o.name)), el("span", "own", o.owner ? `team ${visible(o.owner)}` : "platform"));
  const box = el("details", "obj", head, yamlLines(o.yaml, texts));
  box.open = open;
  return box;
}

const openLines = 400; // objects are open until this many lines are shown

// pairOf lays the Ingress beside its objects.
function pairOf(d, name, findings) {
  const marks = new Map();
  for (const f of findings) if (f.field >= 0 && !marks.has(f.field)) marks.set(f.field, f.kind);
  const left = el("div", "pane", el("div", "cap", "Ingress", el("bdi", "name", visible(name)), el("span", "own", visible(d.place ?? ""))), yamlLines(d.yaml, d.texts, marks));
  const right = el("div", "pane");
  let lines = 0;
  for (const o of d.objects) {
    right.append(objectOf(o, d.texts, lines < openLines));
    lines += o.yaml.text.length;
  }
  if (!d.objects.length) right.append(el("p", "none", "Nothing is written for it."));
  label(left, `Ingress ${name} as YAML`);
  label(right, "Objects that it becomes, as YAML");
  const wires = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  wires.setAttribute("class", "wires");
  wires.setAttribute("aria-hidden", "true");
  const said = el("p", "said");
  said.setAttribute("role", "status");
  return { box: el("div", "pair", left, el("div", ""), right, wires), left, right, wires, said };
}

function label(pane, text) {
  pane.setAttribute("role", "group");
  pane.setAttribute("aria-label", visible(text));
  if (!pane.querySelector("button")) pane.tabIndex = 0;
}

// A line of the Ingress and one of an object belong together if the object's comes from the field that the other stands for.
const belong = (left, right) => right.fields.includes(left.fields[0]);

// choices of a pair: by a line, all that belongs to it; by a field, the lines that stand for it or, if there are none, for what holds it.
const byLine = (pair, line) => (l) => {
  const chosenLeft = pair.left.contains(line);
  if (pair.left.contains(l) === chosenLeft) return l.fields[0] === line.fields[0];
  return chosenLeft ? belong(line, l) : belong(l, line);
};

function byField(pair, d, field) {
  const name = d.texts[field];
  const stands = [...pair.left.querySelectorAll(".ln.link")].map((l) => l.fields[0]);
  const around = stands.filter((f) => name.startsWith(d.texts[f])).sort((a, b) => d.texts[b].length - d.texts[a].length)[0];
  const wanted = stands.includes(field) ? field : around;
  return (l) => (pair.left.contains(l) ? l.fields[0] === wanted : l.fields.includes(wanted));
}

// linked lets lines be chosen: what belongs together lights up on both sides, and wires join it.
function linked(pair, d, findings) {
  const lines = [...pair.box.querySelectorAll(".ln.link")];
  let pinned; // a line, or the number of a field
  const light = (chosen) => {
    for (const l of lines) l.classList.toggle("on", chosen(l));
    draw(pair);
  };
  const nothing = () => false;
  const pin = (what, chosen, from) => {
    pinned = what;
    light(chosen);
    for (const l of lines) l.firstChild.setAttribute("aria-pressed", String(l === what));
    for (const pane of [pair.left, pair.right]) if (!from || !pane.contains(from)) reveal(pane, pane.querySelector(".ln.on"));
    draw(pair);
    say(pair, what, d, findings);
  };
  for (const pane of [pair.left, pair.right]) {
    const first = pane.querySelector("button.no");
    if (first) first.tabIndex = 0;
    pane.addEventListener("scroll", () => draw(pair), { passive: true });
    pane.addEventListener("toggle", () => draw(pair), true);
    pane.addEventListener("click", (e) => {
      const line = e.target.closest(".ln.link");
      if (!line || String(getSelection())) return;
      if (line === pinned) pin(undefined, nothing, line);
      else pin(line, byLine(pair, line), line);
    });
    pane.addEventListener("pointerover", (e) => {
      const line = e.target.closest(".ln.link");
      if (pinned === undefined) light(line ? byLine(pair, line) : nothing);
    });
    pane.addEventListener("pointerleave", () => { if (pinned === undefined) light(nothing); });
    pane.addEventListener("keydown", (e) => walk(e, pair, pane, () => pin(undefined, nothing, pane)));
  }
  new ResizeObserver(() => draw(pair)).observe(pair.box);
  return (field) => {
    pin(field, byField(pair, d, field));
    pair.box.scrollIntoView({ block: "nearest" });
  };
}

// say tells in words what is chosen: how much belongs to it, and what was found about it.
function say(pair, what, d, findings) {
  if (what === undefined) return pair.said.replaceChildren();
  const line = typeof what === "number" ? undefined : what;
  const other = line && pair.right.contains(line) ? pair.left : pair.right;
  const n = other.querySelectorAll(".ln.on").length;
  const side = other === pair.right ? "of the objects" : "of the Ingress";
  const words = n === 0 ? `No line ${side} is known to stand for this alone.` : `${count(n)} ${n === 1 ? "line" : "lines"} ${side} ${n === 1 ? "belongs" : "belong"} to it.`;
  const field = line ? line.fields[0] : what;
  const found = other === pair.right ? findings.filter((f) => f.field === field) : [];
  pair.said.replaceChildren(words, ...found.flatMap((f) => [" ", el("span", `cl c-${f.kind}`, f.word), " ", visible(f.message)]));
}

// walk moves between linked lines: up and down within a side, left and right across.
function walk(e, pair, pane, release) {
  const button = e.target.closest("button.no");
  if (e.key === "Escape") return release();
  if (!button) return;
  const all = [...pane.querySelectorAll("button.no")].filter((b) => b.checkVisibility());
  const at = all.indexOf(button);
  let to;
  if (e.key === "ArrowDown") to = all[at + 1];
  else if (e.key === "ArrowUp") to = all[at - 1];
  else if (e.key === "Home") to = all[0];
  else if (e.key === "End") to = all.at(-1);
  else if ((e.key === "ArrowRight" && pane === pair.left) || (e.key === "ArrowLeft" && pane === pair.right)) {
    const other = pane === pair.left ? pair.right : pair.left;
    to = [...other.querySelectorAll(".ln.link")].find(byLine(pair, button.parentElement))?.firstChild;
  }
  if (!to) return;
  e.preventDefault();
  to.closest("details.obj")?.setAttribute("open", "");
  const side = pair.left.contains(to) ? pair.left : pair.right;
  for (const b of side.querySelectorAll("button.no[tabindex='0']")) b.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

// reveal scrolls a pane, and nothing else, to a line.
function reveal(pane, line) {
  if (!line) return;
  line.closest("details.obj")?.setAttribute("open", "");
  const y = line.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  if (y < 40 || y > pane.clientHeight - 60) pane.scrollTop += y - pane.clientHeight / 3;
}

// runs are the lit lines of a pane that follow one another: from where to where, within what is in sight.
function runs(pane, top) {
  const out = [];
  const sight = pane.getBoundingClientRect();
  let last;
  for (const line of pane.querySelectorAll(".ln.on")) {
    const r = line.getBoundingClientRect();
    if (r.height === 0) continue;
    if (last && line.previousElementSibling === last.line) last.bottom = r.bottom;
    else out.push((last = { top: r.top, bottom: r.bottom, first: line }));
    last.line = line;
  }
  const within = (y) => Math.min(Math.max(y, sight.top + 34), sight.bottom - 1) - top;
  return out.map((r) => ({ line: r.first, top: within(r.top), bottom: within(r.bottom) }));
}

const mostWires = 60;

// draw joins runs that belong together by bands across the gap.
function draw(pair) {
  const box = pair.box.getBoundingClientRect();
  const from = pair.left.getBoundingClientRect().right - box.left;
  const to = pair.right.getBoundingClientRect().left - box.left;
  const paths = [];
  if (to > from) {
    const right = runs(pair.right, box.top);
    for (const a of runs(pair.left, box.top)) {
      for (const b of right) {
        if (paths.length === mostWires || !belong(a.line, b.line)) continue;
        const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
        const bend = (to - from) / 2;
        path.setAttribute("d", `M${from},${a.top} C${from + bend},${a.top} ${to - bend},${b.top} ${to},${b.top} V${b.bottom} C${to - bend},${b.bottom} ${from + bend},${a.bottom} ${from},${a.bottom} Z`);
        paths.push(path);
      }
    }
  }
  pair.wires.replaceChildren(...paths);
}

// build fills a row that was opened.
async function build(row, i) {
  const body = row.querySelector(".body");
  const d = await ingress(i);
  const findings = d.findings.map((f) => findingOf(f, d.texts)).sort((a, b) => worst.indexOf(a.kind) - worst.indexOf(b.kind));
  const pair = pairOf(d, `${index.namespaces[index.ingresses.namespace[i]]}/${index.ingresses.name[i]}`, findings);
  const pick = linked(pair, d, findings);
  const help = el("p", "keys", "Choose a numbered line to see what it becomes. ", el("kbd", "", "↑"), " ", el("kbd", "", "↓"), " move between linked lines, ", el("kbd", "", "←"), " ", el("kbd", "", "→"), " cross over, ", el("kbd", "", "Esc"), " lets go.");
  body.replaceChildren(...findingList(findings, pick, d.quiet), el("h4", "", "The Ingress and what it becomes"), pair.box, pair.said, help);
  body.dataset.built = "";
}

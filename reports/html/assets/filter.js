// The list of Ingresses: what is looked for, and which rows are shown.
const form = byId("filters");
const choices = ["namespace", "team", "class", "code", "field"].map(byId).filter((s) => s);
const rows = [...document.querySelectorAll("#list .rows > li")];
const pages = [];
for (const section of document.querySelectorAll("#list .ns")) {
  const ns = { section, note: section.querySelector("h3 span"), pages: [], size: 0 };
  for (const list of section.querySelectorAll(".rows")) {
    const first = pages.length ? pages.at(-1).end : 0;
    const page = { list, ns, first, end: first + list.childElementCount };
    ns.pages.push(page);
    ns.size += list.childElementCount;
    pages.push(page);
  }
}
const namespaces = [...new Set(pages.map((p) => p.ns))];
let texts; // what is searched: of each Ingress its own words, of each set of findings those of its kinds

function searched() {
  if (texts) return texts;
  const { name, hosts, namespace, team, class: cls } = index.ingresses;
  const kinds = index.kinds.map(([c, f]) => `${index.codes[c].code} ${index.codes[c].name} ${index.fields[f]}`);
  texts = {
    own: name.map((n, i) => `${index.namespaces[namespace[i]]}/${n} ${hosts[i]} ${index.teams[team[i]]} ${index.classes[cls[i]]}`.toLowerCase()),
    sets: index.sets.map((set) => set.map((k) => kinds[k]).join(" ").toLowerCase()),
  };
  return texts;
}

// wanted reads the filters: a value for each, "" for any.
function wanted() {
  const w = { q: byId("q").value.trim(), state: [...form.querySelectorAll("[name=state]:checked")].map((b) => b.value) };
  for (const s of choices) w[s.id] = s.value === "" ? undefined : s.selectedOptions[0].dataset.none !== undefined ? "" : s.value;
  return w;
}

// matching gives a byte for each Ingress: 1 if it is wanted.
function matching(w) {
  const x = index.ingresses;
  const out = new Uint8Array(rows.length).fill(1);
  const only = (column, accepted) => { for (let i = 0; i < out.length; i++) if (!accepted[column[i]]) out[i] = 0; };
  if (w.state.length) only(x.state, index.states.map((s) => w.state.includes(s)));
  if (w.namespace !== undefined) only(x.namespace, index.namespaces.map((n) => n === w.namespace));
  if (w.team !== undefined) only(x.team, index.teams.map((n) => n === w.team));
  if (w.class !== undefined) only(x.class, index.classes.map((n) => n === w.class));
  if (w.code !== undefined || w.field !== undefined) {
    const fits = index.kinds.map(([c, f]) => (w.code === undefined || index.codes[c].code === w.code) && (w.field === undefined || index.fields[f] === w.field));
    only(x.set, index.sets.map((set) => set.some((k) => fits[k])));
  }
  for (const term of w.q.toLowerCase().split(/\s+/).filter((t) => t)) {
    const { own, sets } = searched();
    const inSet = sets.map((t) => t.includes(term));
    for (let i = 0; i < out.length; i++) if (out[i] && !inSet[x.set[i]] && !own[i].includes(term)) out[i] = 0;
  }
  return out;
}

const rowHeight = 38;

// show shows the rows that match. Rows of a page that is hidden as a whole are left as they are.
function show(match) {
  let total = 0;
  for (const ns of namespaces) {
    let inNamespace = 0;
    for (const p of ns.pages) {
      let n = 0;
      for (let i = p.first; i < p.end; i++) n += match[i];
      p.list.hidden = n === 0;
      if (n > 0) {
        for (let i = p.first; i < p.end; i++) if (rows[i].hidden === (match[i] === 1)) rows[i].hidden = !match[i];
        p.list.style.containIntrinsicBlockSize = `auto ${n * rowHeight}px`;
      }
      inNamespace += n;
    }
    ns.section.hidden = inNamespace === 0;
    const note = inNamespace === ns.size ? `${count(ns.size)} ${ns.size === 1 ? "Ingress" : "Ingresses"}` : `${count(inNamespace)} of ${count(ns.size)}`;
    if (ns.note.textContent !== note) ns.note.textContent = note;
    total += inNamespace;
  }
  byId("none").hidden = total > 0;
  byId("shown").textContent = total === rows.length ? `${count(total)} ${total === 1 ? "Ingress" : "Ingresses"}` : `${count(total)} of ${count(rows.length)}`;
}

// apply filters the list and says so in the address, so that what is shown can be passed on.
function apply(keepAddress) {
  const w = wanted();
  show(matching(w));
  if (keepAddress) return;
  const words = new URLSearchParams();
  for (const [k, v] of Object.entries(w)) for (const one of [v].flat()) if (one !== undefined && (one !== "" || k !== "q")) words.append(k, one);
  const text = words.toString();
  if (text || location.hash.startsWith("#ingresses")) history.replaceState(null, "", `#ingresses${text ? `?${text}` : ""}`);
}

// choose sets the filters to exactly what is given.
function choose(w) {
  byId("q").value = w.q ?? "";
  for (const box of form.querySelectorAll("[name=state]")) box.checked = [w.state ?? []].flat().includes(box.value);
  for (const s of choices) {
    const value = w[s.id];
    let at = value === undefined ? s.options[0] : [...s.options].slice(1).find((o) => o.value === value || (value === "" && o.dataset.none !== undefined));
    if (!at) s.add((at = new Option(visible(value), value)));
    at.selected = true;
  }
}

let waiting = 0;
form.addEventListener("input", () => {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => apply());
});
form.addEventListener("reset", () => setTimeout(() => { choose({}); apply(); }));
form.addEventListener("submit", (e) => e.preventDefault());

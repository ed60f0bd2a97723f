// What belongs to the page as a whole: opening rows, links that filter, where one is, searches in tables, printing.
document.addEventListener("toggle", (e) => {
  const box = e.target;
  if (!box.open) return;
  if (box.matches?.(".row") && !box.dataset.asked) {
    box.dataset.asked = "";
    build(box, Number(box.parentElement.id.slice(1)));
  }
  if (box.dataset?.shared !== undefined && !box.dataset.asked) {
    box.dataset.asked = "";
    unpack(index.shared).then(({ texts, all }) => box.querySelector(".body").replaceChildren(yamlBox(all[Number(box.dataset.shared)], texts)));
  }
}, true);

function yamlBox(o, texts) {
  const box = el("div", "yaml", yamlLines(o.yaml, texts));
  box.tabIndex = 0;
  label(box, `${o.kind} ${o.name} as YAML`);
  return box;
}

// go shows the list as the filters want it.
function goToList(w) {
  choose(w);
  apply();
  const head = byId("h-ingresses");
  head.tabIndex = -1;
  head.focus({ preventScroll: true });
  byId("ingresses").scrollIntoView();
}

document.addEventListener("click", (e) => {
  const a = e.target.closest("a");
  if (!a || e.metaKey || e.ctrlKey || e.shiftKey) return;
  const w = Object.fromEntries(["state", "namespace", "team", "class", "code", "field"].filter((k) => a.dataset[k] !== undefined).map((k) => [k, a.dataset[k]]));
  if (!Object.keys(w).length) return;
  e.preventDefault();
  goToList(w);
});

// follow goes where the address says: to a filtered list, or to an Ingress, which is then shown and opened.
function follow() {
  const [place, words] = location.hash.slice(1).split("?");
  if (place === "ingresses" && words !== undefined) {
    const w = {};
    for (const [k, v] of new URLSearchParams(words)) w[k] = k === "state" ? [...(w.state ?? []), v] : v;
    choose(w);
    apply(true);
    byId("ingresses").scrollIntoView();
  }
  const row = /^i\d+$/.test(place) && byId(place);
  if (row) {
    if (row.closest("[hidden]")) {
      choose({});
      apply(true);
    }
    row.firstElementChild.open = true;
    row.scrollIntoView();
    row.querySelector("summary").focus({ preventScroll: true });
  }
  const team = /^t\d+$/.test(place) && byId(place);
  if (team) team.open = true;
}
addEventListener("hashchange", follow);

// A search in a table hides the rows that do not have the words, and the tables without rows.
for (const input of document.querySelectorAll("[data-search]")) {
  let lines;
  input.addEventListener("input", () => {
    const root = byId(input.dataset.search === "heat" ? "heat" : "") ?? document.querySelector(`[data-list="${input.dataset.search}"]`);
    lines ??= [...root.querySelectorAll("tbody tr")].map((tr) => [tr, tr.textContent.toLowerCase()]);
    const terms = input.value.toLowerCase().split(/\s+/).filter((t) => t);
    for (const [tr, text] of lines) tr.hidden = !terms.every((t) => text.includes(t));
    for (const page of root.querySelectorAll(".page")) page.hidden = !page.querySelector("tbody tr:not([hidden])");
  });
}

const here = new Map([...document.querySelectorAll("nav li a")].map((a) => [a.hash.slice(1), a]));
const inSight = new Set();
const watcher = new IntersectionObserver((entries) => {
  for (const e of entries) inSight[e.isIntersecting ? "add" : "delete"](e.target.id);
  const current = [...here.keys()].find((id) => inSight.has(id));
  for (const [id, a] of here) id === current ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
}, { rootMargin: "-10% 0px -70% 0px" });
for (const id of here.keys()) watcher.observe(byId(id));

// On paper everything that is folded away is open. Of a list that is short, or filtered until it is, also what was found.
const mostPrinted = 200;
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details.fold:not([open]), details.team:not([open])")];
  const shown = rows.filter((r) => !r.closest("[hidden]"));
  for (const r of shown.length > mostPrinted ? [] : shown) {
    const found = r.querySelector("noscript");
    if (!found) continue; // it was opened
    const paper = el("template");
    paper.innerHTML = found.textContent; // the page's own markup for readers without scripts
    found.after(el("div", "paper", paper.content));
    folded.push(r.firstElementChild);
  }
  for (const d of folded) d.open = true;
});
addEventListener("afterprint", () => {
  for (const d of folded) d.open = false;
  for (const p of document.querySelectorAll(".paper")) p.remove();
});

byId("shown").textContent = `${count(rows.length)} ${rows.length === 1 ? "Ingress" : "Ingresses"}`;
follow();

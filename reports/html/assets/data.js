// The data that the page carries: an index of all Ingresses, and packed details that are unpacked where one is opened.
const byId = (id) => document.getElementById(id);
const index = JSON.parse(byId("index").textContent);
const unpacked = new Map();

function unpack(n) {
  if (!unpacked.has(n)) unpacked.set(n, inflate(byId(`d${n}`).textContent));
  return unpacked.get(n);
}

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text.trim().replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// ingress gives the details of an Ingress, and the texts that its numbers stand for.
async function ingress(i) {
  const { texts, all } = await unpack(Math.floor(i / index.each));
  return { texts, ...all[i % index.each] };
}

// What has no glyph or turns the direction of writing is shown as an escape: nothing in a text may look like another text.
const unseen = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const visible = (text) => text.replace(unseen, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

// el makes an element. Texts become text, never markup.
function el(tag, name, ...children) {
  const e = document.createElement(tag);
  if (name) e.className = name;
  e.append(...children.filter((c) => c !== "" && c !== undefined));
  return e;
}

const count = (n) => n.toLocaleString("en");

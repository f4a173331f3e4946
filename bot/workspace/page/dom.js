// The document: making nodes, and keeping those that did not change. Data reaches the page as text nodes and attributes
// only; no module has innerHTML.

export const $ = (id) => document.getElementById(id);
export const phone = matchMedia("(max-width: 700px)");
export const touch = matchMedia("(hover: none)");

export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter(Boolean));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

export const signatures = new WeakMap();

// reconcile keeps the nodes of unchanged items, so that focus, hover, selection and typed text outlive a new state.
export function reconcile(parent, items) {
  const old = new Map([...parent.children].map((n) => [n.dataset.key, n]));
  const nodes = items.map(({ key, data, make }) => {
    const before = old.get(key);
    const signature = JSON.stringify(data);
    if (before && signatures.get(before) === signature) return before;
    const node = make();
    node.dataset.key = key;
    signatures.set(node, signature);
    if (before) replaceKeepingFocus(before, node);
    return node;
  });
  const keep = new Set(nodes);
  for (const n of [...parent.children]) if (!keep.has(n)) n.remove();
  nodes.forEach((n, i) => parent.children[i] === n || parent.insertBefore(n, parent.children[i] || null));
}

function replaceKeepingFocus(before, node) {
  const focus = document.activeElement;
  const hook = before.contains(focus) && focus.dataset.testid;
  before.replaceWith(node);
  if (hook) node.querySelector(`[data-testid="${CSS.escape(hook)}"]`)?.focus();
}

export const setText = (node, text) => node.textContent === text || (node.textContent = text);

// The app's home tab.
import { $, h, reconcile, setText } from "./dom.js";
import { page, post, state } from "./state.js";
import { blockNode } from "./blocks.js";

// renderHome shows the app's home tab. Slack tells the app that somebody opened it, and the app draws it.
export function renderHome({ pane }, first) {
  $("home").hidden = pane !== "home";
  if (pane !== "home") return;
  if (first || page.shown !== "#/home") post("home", {}).then((result) => (setText($("home-error"), result.error || ""), ($("home-error").hidden = result.ok)));
  document.title = `${state.app.name} · ${state.team.name}`;
  setText($("home-title"), state.app.name);
  const view = state.home;
  const on = { click: (element, block) => clickHome(view, element, block) };
  const blank = { key: "empty", data: "", make: () => h("p", { class: "empty" }, "Nothing here yet.") };
  reconcile($("home-body"), view ? view.blocks.map((b, i) => ({ key: b.block_id || String(i), data: [b, state.users], make: () => blockNode(b, on) })) : [blank]);
}

async function clickHome(view, element, block) {
  const result = await post("click-view", { view_id: view.id, action_id: element.action_id, block_id: block.block_id });
  setText($("home-error"), result.error || "");
  $("home-error").hidden = result.ok;
}

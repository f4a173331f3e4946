// The two message boxes, and the menu of suggestions over each.
import { $, h, icon, setText } from "./dom.js";
import { page, post, state } from "./state.js";
import { route } from "./route.js";
import { nameOf } from "./names.js";

// suggestions for the word before the caret: a command at the start, or a mention.
function suggestions(text, caret) {
  const before = text.slice(0, caret);
  const slash = /^\/\S*$/.exec(before);
  if (slash) {
    const items = state.app.commands.filter((c) => c.command.startsWith(slash[0]));
    return { menu: "command-menu", from: 0, items: items.map((c) => ({ insert: c.command, hint: c.usage_hint, about: c.description })) };
  }
  const at = /(?:^|\s)@([\w.-]*)$/.exec(before);
  if (!at) return { items: [] };
  const people = state.users.filter((u) => u.name.startsWith(at[1].toLowerCase()));
  const items = people.map((u) => ({ insert: "@" + u.name, hint: nameOf(u), about: u.is_bot ? "App" : "" }));
  return { menu: "mention-menu", from: caret - at[1].length - 1, items };
}

function makeBox(mount, testid, thread) {
  let target = {}, busy = false, found = { items: [] }, chosen = 0;
  const list = h("ul", { class: "menu", role: "listbox", id: testid + "-menu", "aria-label": "Suggestions", hidden: true });
  const text = h("span", null);
  const error = h("p", { class: "alert", role: "alert", "data-testid": testid + "-error", hidden: true }, icon("alert"), text);
  const area = h("textarea", {
    id: testid + "-text", rows: 1, "data-testid": testid, "aria-autocomplete": "list",
    "aria-controls": list.id, "aria-haspopup": "listbox", autocomplete: "off", enterkeyhint: "send",
  });
  const sendButton = h("button", { class: "send", type: "button", "aria-label": "Send", onclick: send }, icon("send"));
  mount.classList.add("composer");
  const keys = h("p", { class: "keys", "aria-hidden": "true" }, "Enter to send · Shift + Enter for a new line");
  mount.append(error, list, h("div", { class: "box" }, area, sendButton), keys);

  function fit() {
    area.style.height = "auto";
    area.style.height = Math.min(area.scrollHeight + 2, 220) + "px";
  }
  function fail(message) {
    text.textContent = message || "";
    error.hidden = !message;
  }
  function edited() {
    page.drafts.set(target.key, area.value);
    fit();
    if (state) suggest(suggestions(area.value, area.selectionStart));
  }
  function suggest(next) {
    found = next;
    chosen = 0;
    list.dataset.testid = found.menu || "";
    drawMenu();
  }
  function drawMenu() {
    const open = found.items.length > 0;
    list.hidden = !open;
    const pick = (i) => (event) => (event.preventDefault(), complete(i));
    list.replaceChildren(...found.items.map((item, i) =>
      h("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": String(i === chosen), onmousedown: pick(i) },
        h("span", { class: "menu-name" }, item.insert), h("span", { class: "menu-hint" }, item.hint), h("span", { class: "menu-about" }, item.about))));
    if (open) setText($("announcer"), `Suggestion: ${found.items[chosen].insert}. Tab completes.`);
    open ? area.setAttribute("aria-activedescendant", `${list.id}-${chosen}`) : area.removeAttribute("aria-activedescendant");
  }
  function complete(i) {
    const { insert } = found.items[i];
    area.setRangeText(insert + " ", found.from, area.selectionStart, "end");
    edited();
  }
  async function send() {
    if (busy || !area.value.trim()) return;
    const sent = target;
    busy = true;
    mount.setAttribute("aria-busy", "true");
    suggest({ items: [] });
    const result = await post("say", { channel: sent.channel, thread_ts: sent.thread_ts || "", text: area.value.trim() });
    busy = false;
    mount.removeAttribute("aria-busy");
    if (result.ok) page.drafts.delete(sent.key);
    if (target.key !== sent.key) return;
    if (result.ok) area.value = "";
    fit();
    fail(result.ok ? "" : result.error);
  }
  function key(event) {
    if (event.isComposing) return;
    const { items, from } = found;
    const typed = area.value.slice(from, area.selectionStart);
    if (items.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : items.length - 1)) % items.length;
      drawMenu();
    } else if (items.length && event.key === "Escape") suggest({ items: [] });
    else if (items.length && event.key === "Tab" && !event.shiftKey) complete(chosen);
    else if (event.key === "Enter" && !event.shiftKey) {
      // A name typed in full needs no completing: Enter sends it.
      if (items.length && items[chosen].insert !== typed) complete(chosen);
      else send();
    } else return;
    event.preventDefault();
  }
  area.addEventListener("input", () => (fail(""), edited()));
  area.addEventListener("keydown", key);
  area.addEventListener("blur", () => suggest({ items: [] }));

  return {
    thread, fail,
    focus: () => area.focus(),
    show(next) {
      area.placeholder = next.placeholder;
      area.setAttribute("aria-label", next.placeholder);
      if (next.key === target.key) return;
      target = next;
      area.value = page.drafts.get(next.key) || "";
      fail("");
      suggest({ items: [] });
      fit();
    },
  };
}

export const boxes = {
  channel: makeBox($("channel-composer"), "composer", false),
  thread: makeBox($("thread-composer"), "thread-composer", true),
};
export const boxOf = (root) => (route().root?.ts === root ? boxes.thread : boxes.channel);

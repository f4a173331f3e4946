// Where the keyboard's focus goes.
import { $, phone, touch } from "./dom.js";
import { route } from "./route.js";
import { boxes } from "./composer.js";

// focusAfter puts the focus where the person went from another address.
export function focusAfter(oldURL) {
  const before = new URL(oldURL).hash.split("/");
  const left = !route().root && before[2];
  const origin = left && document.querySelector(`#messages [data-ts="${CSS.escape(left)}"]`);
  origin ? origin.focus() : focusPane();
}

export function focusPane() {
  const { root, pane } = route();
  if (pane === "list" && phone.matches) $("channels").querySelector("a")?.focus();
  else if (pane === "home") $("home-title").focus();
  else if (touch.matches) $(root ? "thread-title" : "channel-title").focus(); // no keyboard over the messages unasked
  else (root ? boxes.thread : boxes.channel).focus();
}

// trapTab keeps Tab inside the modal.
export function trapTab(event) {
  if (event.key !== "Tab") return;
  const all = $("modal").querySelectorAll("button, input, select, textarea, a[href], summary");
  const reachable = [...all].filter((n) => !n.disabled && n.checkVisibility());
  const from = event.shiftKey ? reachable[0] : reachable.at(-1);
  const outside = !reachable.includes(document.activeElement) && event.shiftKey;
  if (document.activeElement !== from && !outside) return;
  event.preventDefault();
  (event.shiftKey ? reachable.at(-1) : reachable[0]).focus();
}

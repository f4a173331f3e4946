// The hint how to start, until somebody dismisses it or opens a modal.
import { $, h, icon, touch } from "./dom.js";
import { state } from "./state.js";
import { address } from "./route.js";
import { messageShortcuts } from "./messages.js";
import { boxes } from "./composer.js";

function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function dismissHint() {
  try { localStorage.setItem("hint", "seen"); } catch { /* then it comes back, which does no harm */ }
  $("hint").hidden = true;
  boxes.channel.focus();
}

export function renderHint() {
  const hint = $("hint");
  const command = state.app.commands[0];
  const [shortcut] = messageShortcuts();
  if (hint.childElementCount || !command || !shortcut || remembered("hint")) return;
  const channel = state.channels.find((c) => c.is_member && c.messages.some((m) => m.reply_count));
  const root = channel?.messages.find((m) => m.reply_count);
  hint.append(
    h("p", null, "Type ", h("code", null, command.command), " below, or ", touch.matches ? "tap" : "hover",
      " a message and choose ", h("strong", null, shortcut.name), "."),
    root ? h("a", { class: "button small", href: address(channel.id, root.ts) }, "Open the incident thread") : "",
    h("button", { class: "icon-button", type: "button", "aria-label": "Dismiss this hint", onclick: dismissHint }, icon("close")));
  hint.hidden = false;
}

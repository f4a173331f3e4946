// Where the page is: #/<channel>/<root ts>, #/home, or #/ for the list of channels.
import { state } from "./state.js";

export function route() {
  const [, id, thread] = location.hash.split("/");
  if (id === "home" && state.app.has_home) return { channel: null, root: null, pane: "home" };
  const channel = state.channels.find((c) => c.id === id) || state.channels.find((c) => c.is_member) || state.channels[0];
  const root = thread && channel?.messages.find((m) => m.ts === thread);
  return { channel, root: root || null, pane: root ? "thread" : location.hash === "#/" ? "list" : "channel" };
}

export const address = (channel, ts) => "#/" + [channel, ts].filter(Boolean).join("/");

export function go(channel, ts) {
  location.hash = address(channel, ts);
}

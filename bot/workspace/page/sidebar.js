// The sidebar: the channels, the app and whether it is there, and whose eyes the page sees with.
import { $, h, icon, phone, reconcile, setText } from "./dom.js";
import { page, state } from "./state.js";
import { address } from "./route.js";
import { channelIcon, isDirect, sharedWith, titleOf } from "./names.js";

export function renderSidebar({ channel: current, pane }) {
  setText($("team-name"), state.team.name);
  setText($("page-name"), state.team.name + ", a local workspace");
  const listed = state.channels.filter((c) => !isDirect(c) || c.messages.length || c === current);
  reconcile($("channels"), listed.map((c) => {
    const unread = c !== current && c.messages.some((m) => m.ts > (page.seen.get(c.id) || "") && m.user !== state.me.id);
    const active = c === current && !(phone.matches && pane === "list");
    return { key: c.id, data: [c.name, c.is_private, c.is_ext_shared, c.is_pending_ext_shared, unread, active], make: () => channelLink(c, active, unread) };
  }));
  const people = state.users.filter((u) => !u.is_bot && u.name !== "slackbot");
  reconcile($("person"), people.map((u) => ({ key: u.id, data: titleOf(u), make: () => h("option", { value: u.id }, titleOf(u)) })));
  $("person").value = state.me.id;
}

const channelLink = (c, active, unread) =>
  h("li", null, h("a", { href: address(c.id), "data-testid": "channel-" + c.id, "aria-current": active && "page", class: unread && "unread" },
    channelIcon(c), h("span", { class: "channel-name" }, c.name),
    c.is_private && h("span", { class: "sr-only" }, ", private"),
    sharedWith(c) && [icon("shared"), h("span", { class: "sr-only" }, c.is_ext_shared ? ", shared with another organisation" : ", another organisation is invited")],
    unread && [h("span", { class: "dot new", "aria-hidden": "true" }), h("span", { class: "sr-only" }, ", new messages")]));

export function renderStatus() {
  const app = state?.app;
  const ok = page.live && app?.connected;
  setText($("app-name"), app?.name || "");
  app?.has_home ? $("app-name").setAttribute("href", "#/home") : $("app-name").removeAttribute("href");
  location.hash === "#/home" ? $("app-name").setAttribute("aria-current", "page") : $("app-name").removeAttribute("aria-current");
  setText($("connection"), ok ? "Connected" : "Disconnected");
  $("app-dot").classList.toggle("on", Boolean(ok));
  setText($("offline"), page.live && app ? `${app.name} is not connected to this workspace.` : "Trying to reach the workspace …");
  $("offline").hidden = Boolean(ok);
}

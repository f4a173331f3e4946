// One list of messages: its items, what can be done with each, and what is said of new ones.
import { $, h, icon } from "./dom.js";
import { page, post, state } from "./state.js";
import { go, route } from "./route.js";
import { markOf, nameOf, userOf } from "./names.js";
import { clock, dayOf, inWords, relativeDay, utc } from "./times.js";
import { decode, mrkdwn } from "./text.js";
import { blockNode } from "./blocks.js";
import { boxOf } from "./composer.js";

function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  return words.slice(0, 2).map((w) => [...w][0].toUpperCase()).join("");
}

function avatar(user) {
  const hue = Math.max(0, state.users.findIndex((u) => u.id === user.id)) % 8;
  return h("span", { class: `avatar hue-${hue}${user.is_bot ? " bot" : ""}`, "aria-hidden": "true" }, initials(nameOf(user)));
}

export const messageShortcuts = () => state.app.shortcuts.filter((s) => s.type !== "global");
export const repliesTo = (channel, ts) => channel.messages.filter((m) => m.thread_ts === ts && m.ts !== ts);
export const topLevel = (channel) => channel.messages.filter((m) => !m.thread_ts || m.thread_ts === m.ts);

function repliesButton(m, channel) {
  if (!m.reply_count) return null;
  const replies = repliesTo(channel, m.ts).filter((r) => !r.ephemeral);
  const people = [...new Set(replies.map((r) => r.user))].slice(0, 4);
  const last = replies.at(-1);
  return h("button", { class: "replies", type: "button", "data-testid": "replies", onclick: () => go(channel.id, m.ts) },
    h("span", { class: "faces" }, people.map((id) => avatar(userOf(id)))),
    h("span", { class: "replies-count" }, m.reply_count === 1 ? "1 reply" : `${m.reply_count} replies`),
    last && h("span", { class: "replies-last" }, `Last reply ${clock(last.ts * 1000)}`));
}

function permalink(channel, m) {
  const url = `https://${state.team.domain}.slack.com/archives/${channel.id}/p${m.ts.replace(".", "")}`;
  return m.thread_ts && m.thread_ts !== m.ts ? `${url}?thread_ts=${m.thread_ts}&cid=${channel.id}` : url;
}

function messageActions(m, channel, box) {
  const action = (name, label, symbol, onclick) =>
    h("button", { type: "button", class: symbol === "key" ? "tool" : "tool plain", title: label, "data-testid": "message-action-" + name, onclick },
      icon(symbol), h("span", null, label));
  const root = m.thread_ts || m.ts;
  const shortcut = async (s) => {
    go(channel.id, root); // so that what the app posts there is in view
    const result = await post("shortcut", { callback_id: s.callback_id, channel: channel.id, ts: m.ts });
    boxOf(root).fail(result.ok ? "" : result.error);
  };
  const copy = async ({ currentTarget: node }) => {
    await navigator.clipboard.writeText(permalink(channel, m));
    node.lastChild.textContent = "Copied";
    setTimeout(() => (node.lastChild.textContent = "Copy link"), 1500);
  };
  return h("div", { class: "tools", role: "group", "aria-label": "Message actions" },
    box.thread ? null : action("reply", "Reply", "reply", () => go(channel.id, root)),
    messageShortcuts().map((s) => action(s.callback_id, s.name, "key", () => shortcut(s))),
    action("copy", "Copy link", "link", copy));
}

function messageNode(m, channel, box, continued) {
  const user = userOf(m.user);
  const ms = m.ts * 1000;
  const time = h("time", { datetime: new Date(ms).toISOString(), title: utc(ms) }, clock(ms));
  const on = {
    click: async (element, block) => {
      const result = await post("click", { channel: channel.id, ts: m.ts, action_id: element.action_id, block_id: block.block_id });
      box.fail(result.ok ? "" : result.error);
    },
  };
  const content = h("div", { class: "content", "data-testid": m.ephemeral ? "ephemeral" : null },
    m.ephemeral && h("p", { class: "only-you" }, icon("eye"), "Only visible to you"),
    m.blocks?.length ? m.blocks.map((b) => blockNode(b, on)) : h("div", { class: "text" }, mrkdwn(m.text || "")),
    m.edited && h("span", { class: "edited" }, "(edited)"));
  const style = ["message", continued && "continued", m.ephemeral && "private"].filter(Boolean).join(" ");
  return h("li", { class: style, "data-testid": "message", "data-ts": m.ts, tabindex: "-1" },
    continued ? h("span", { class: "gutter", "aria-hidden": "true" }, time.cloneNode(true)) : avatar(user),
    h("div", { class: "message-body" },
      h("p", { class: continued ? "byline sr-only" : "byline" },
        h("span", { class: "author" }, nameOf(user)), m.bot && h("span", { class: "badge" }, "APP"),
        markOf(user) && h("span", { class: "badge" }, markOf(user).toUpperCase()), " ", time),
      content,
      !box.thread && repliesButton(m, channel)),
    !m.ephemeral && messageActions(m, channel, box));
}

// Messages of one person within five minutes stand under one name.
const continues = (m, before) =>
  before && before.user === m.user && !before.ephemeral && !m.ephemeral && !before.reply_count && !m.blocks?.length && m.ts - before.ts < 300;

export function messageItems(messages, channel, box) {
  const context = [state.users, state.me.tz, state.app.shortcuts];
  const items = [];
  messages.forEach((m, i) => {
    const before = messages[i - 1];
    const day = dayOf(m.ts * 1000);
    if (!box.thread && (!before || dayOf(before.ts * 1000) !== day)) {
      const label = relativeDay(m.ts * 1000) || inWords(m.ts * 1000, { weekday: "long", month: "long", day: "numeric" });
      items.push({ key: "day " + day, data: label, make: () => h("li", { class: "day" }, h("span", null, label)) });
    }
    const continued = continues(m, before);
    const replies = box.thread ? null : repliesTo(channel, m.ts).map((r) => [r.ts, r.user]);
    items.push({ key: channel.id + m.ts, data: [m, continued, replies, context], make: () => messageNode(m, channel, box, continued) });
  });
  return items;
}

// announceNew has a screen reader say what others wrote meanwhile, where the person is.
export function announceNew() {
  const { channel, root } = route();
  const fresh = state.channels.flatMap((c) => c.messages.filter((m) => !page.known.has(m.ts)).map((m) => [c, m]));
  fresh.forEach(([, m]) => page.known.add(m.ts));
  const inView = (m) => !m.thread_ts || m.thread_ts === m.ts || m.thread_ts === root?.ts;
  const heard = fresh.filter(([c, m]) => c === channel && m.user !== state.me.id && inView(m));
  const say = ([, m]) => `${nameOf(userOf(m.user))}: ${decode(m.text || "").slice(0, 300)}`;
  if (heard.length) $("announcer").textContent = heard.map(say).join(". ");
}

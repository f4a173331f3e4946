// The workspace page: what one person sees of the local workspace, drawn anew from each state the server sends.
//
// Hooks for tests (data-testid):
//   channel-<id>                 link in the sidebar; shared: the banner of a channel that another organisation reads
//   app-home, home               link in the sidebar to the app's home tab, and its pane; also #/home in the address
//   connection                   "Connected" when the page has the workspace and the app has its socket, else "Disconnected"
//   person                       the select "Viewing as"; also ?user=<id> in the address, and #/<channel>/<root ts> opens a thread
//   message                      one message, with data-ts; in `thread` too, so scope by #channel or `thread`
//   ephemeral                    inside a message: the content that only this person sees
//   replies                      "2 replies" under a message: opens its thread
//   message-action-<callback_id> shown on hover and focus; also message-action-reply, message-action-copy
//   composer, thread-composer    the two message boxes; composer-error, thread-composer-error above them
//   command-menu                 slash commands while "/" is typed; mention-menu likewise for "@"
//   thread, modal                the panes; modal is a <dialog>, open or not
//   action-<action_id>           a button in a message or a view
//   field-<block_id>             each input element itself (each box of checkboxes and radio buttons)
//   error-<block_id>             an input's error, present only while there is one
//   submit, close, samples, sample-<id>  of the modal and its drawer
"use strict";

const $ = (id) => document.getElementById(id);
const phone = matchMedia("(max-width: 700px)");
const touch = matchMedia("(hover: none)");

let state = null; // as the server sent it last; never changed here
const page = {
  user: new URLSearchParams(location.search).get("user") || "U0ANA",
  live: false, // has the event stream
  known: new Set(), // messages already announced or there from the start
  seen: new Map(), // channel -> last ts read
  drafts: new Map(), // person and channel or thread -> text in its box
};

// ---- DOM. Data reaches the page as text nodes and attributes only; there is no innerHTML in this file.

function h(tag, props, ...children) {
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

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", "#i-" + name);
  svg.append(use);
  return svg;
}

const signatures = new WeakMap();

// reconcile keeps the nodes of unchanged items, so that focus, hover, selection and typed text outlive a new state.
function reconcile(parent, items) {
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

const setText = (node, text) => node.textContent === text || (node.textContent = text);

// ---- Server

async function post(action, body) {
  try {
    const answer = await fetch("/ui/" + action, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Workspace": "1" },
      body: JSON.stringify({ user: page.user, ...body }),
    });
    const result = await answer.json();
    return result.ok || result.error || result.errors ? result : { ok: false, error: "That did not work. Try again." };
  } catch {
    return { ok: false, error: "The workspace does not answer. Is it still running?" };
  }
}

let events;

function listen() {
  events?.close();
  const source = (events = new EventSource("/ui/events?user=" + encodeURIComponent(page.user)));
  source.addEventListener("state", (event) => {
    page.live = true;
    receive(JSON.parse(event.data));
  });
  source.onerror = () => {
    page.live = false;
    renderStatus();
    // The browser reconnects by itself, except after an HTTP error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === events && listen(), 1500);
  };
}

function receive(next) {
  const first = !state || state.me.id !== next.me.id;
  state = next;
  if (first) {
    page.known = new Set(next.channels.flatMap((c) => c.messages.map((m) => m.ts)));
    page.seen = new Map(next.channels.map((c) => [c.id, c.messages.at(-1)?.ts]));
  }
  settleModal();
  render(first);
  announceNew();
}

// ---- Where we are: #/<channel>/<root ts>

function route() {
  const [, id, thread] = location.hash.split("/");
  if (id === "home" && state.app.has_home) return { channel: null, root: null, pane: "home" };
  const channel = state.channels.find((c) => c.id === id) || state.channels.find((c) => c.is_member) || state.channels[0];
  const root = thread && channel?.messages.find((m) => m.ts === thread);
  return { channel, root: root || null, pane: root ? "thread" : location.hash === "#/" ? "list" : "channel" };
}

const address = (channel, ts) => "#/" + [channel, ts].filter(Boolean).join("/");

function go(channel, ts) {
  location.hash = address(channel, ts);
}

// ---- Names, times

const userOf = (id) => state.users.find((u) => u.id === id) || { id, name: id, real_name: id };
const nameOf = (user) => user.real_name || user.name || user.id;
// markOf is what Slack writes beside people who are not members of the team.
const markOf = (user) => (user.is_stranger ? "External" : user.is_restricted || user.is_ultra_restricted ? "Guest" : "");
const titleOf = (user) => (markOf(user) ? `${nameOf(user).split(" ")[0]} (${markOf(user).toLowerCase()})` : nameOf(user));

function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  return words.slice(0, 2).map((w) => [...w][0].toUpperCase()).join("");
}

const formats = new Map(); // making one is slow

function dateParts(ms, timeZone) {
  const numeric = Object.fromEntries(["year", "month", "day", "hour", "minute", "second"].map((name) => [name, "numeric"]));
  if (!formats.has(timeZone)) formats.set(timeZone, new Intl.DateTimeFormat("en-GB", { ...numeric, hourCycle: "h23", timeZone }));
  return Object.fromEntries(formats.get(timeZone).formatToParts(ms).map((p) => [p.type, Number(p.value)]));
}

const pad = (n) => String(n).padStart(2, "0");
const zoneOf = () => state.me.tz || "UTC";
const inWords = (ms, options) => new Intl.DateTimeFormat("en-US", { ...options, timeZone: zoneOf() }).format(ms);

function dayOf(ms, zone = zoneOf()) {
  const p = dateParts(ms, zone);
  return `${p.year}-${pad(p.month)}-${pad(p.day)}`;
}

function clock(ms, seconds, zone = zoneOf()) {
  const p = dateParts(ms, zone);
  return `${pad(p.hour)}:${pad(p.minute)}` + (seconds ? ":" + pad(p.second) : "");
}

function relativeDay(ms) {
  const days = Math.round((Date.parse(dayOf(ms)) - Date.parse(dayOf(Date.now()))) / 864e5);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(ms) {
  const seconds = (ms - Date.now()) / 1000;
  const unit = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, n]) => Math.abs(seconds) >= n) || ["second", 1];
  return new Intl.RelativeTimeFormat("en").format(Math.trunc(seconds / unit[1]), unit[0]);
}

function ordinalDate(ms, weekday) {
  const day = dateParts(ms, zoneOf()).day;
  const suffix = { one: "st", two: "nd", few: "rd", other: "th" }[new Intl.PluralRules("en", { type: "ordinal" }).select(day)];
  const name = weekday ? inWords(ms, { weekday: "long" }) + ", " : "";
  return `${name}${inWords(ms, { month: "long" })} ${day}${suffix}, ${inWords(ms, { year: "numeric" })}`;
}

const dateTokens = {
  date_num: dayOf,
  date: (ms) => ordinalDate(ms),
  date_long: (ms) => ordinalDate(ms, true),
  date_short: (ms) => inWords(ms, { month: "short", day: "numeric", year: "numeric" }),
  time: (ms) => clock(ms),
  time_secs: (ms) => clock(ms, true),
  ago,
};

// dateNode renders Slack's date format, such as "{date_short_pretty} at {time}", in the person's own zone.
function dateNode(unix, format, fallback) {
  const ms = Number(unix) * 1000;
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return fallback || "";
  const text = (format || "{date_num} {time_secs}").replace(/\{(\w+?)(_pretty)?\}/g, (whole, name, pretty) => {
    const make = dateTokens[name];
    return make ? (pretty && relativeDay(ms)) || make(ms) : whole;
  });
  return h("time", { datetime: new Date(ms).toISOString(), title: utc(ms) }, text);
}

const utc = (ms) => `${dayOf(ms, "UTC")} ${clock(ms, true, "UTC")} UTC`;

function wallToUnix(wall) {
  const guess = Date.parse(wall + "Z");
  const offset = (ms) => {
    const p = dateParts(ms, zoneOf());
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - ms;
  };
  // Twice, because the offset of the guess may be that of the other side of a daylight-saving change.
  return Number.isNaN(guess) ? "" : String(Math.floor((guess - offset(guess - offset(guess))) / 1000));
}

const unixToWall = (unix) => (/^\d+$/.test(unix) ? `${dayOf(unix * 1000)}T${clock(unix * 1000, unix % 60)}` : "");

// ---- Text

const emoji = {
  fire: "🔥", rotating_light: "🚨", white_check_mark: "✅", x: "❌", warning: "⚠️", no_entry: "⛔", question: "❓", information_source: "ℹ️",
  bulb: "💡", lock: "🔒", key: "🔑", mag: "🔍", eyes: "👀", hourglass_flowing_sand: "⏳", tada: "🎉", "+1": "👍", wave: "👋", link: "🔗",
};
const shortcodes = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => (Object.hasOwn(emoji, name) ? emoji[name] : whole));
const decode = (text) => text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);

function link(url, ...label) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return h("span", null, ...label);
  const here = url.match(/^https:\/\/([\w-]+)\.slack\.com\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?.*?thread_ts=([\d.]+))?/);
  if (here && here[1] === state.team.domain) return h("a", { href: address(here[2], here[5] || `${here[3]}.${here[4]}`) }, ...label);
  return h("a", { href: url, title: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...label);
}

const mention = (text, mine) => h("span", { class: mine ? "mention mine" : "mention" }, text);
const mentionUser = (id) => mention("@" + userOf(id).name, id === state.me.id);

function mentionChannel(id, label) {
  const channel = state.channels.find((c) => c.id === id);
  return channel ? h("a", { class: "mention", href: address(id) }, "#" + channel.name) : mention("#" + (label || id));
}

// control renders what stands between < and > in mrkdwn.
function control(body) {
  const [target, ...rest] = body.split("|");
  const label = rest.length ? decode(rest.join("|")) : "";
  const date = /^!date\^(\d+)\^([^^]*)/.exec(target);
  if (date) return dateNode(date[1], decode(date[2]), label);
  if (/^@[UW]\w+$/.test(target)) return mentionUser(target.slice(1));
  if (/^#[CG]\w+$/.test(target)) return mentionChannel(target.slice(1), label);
  if (/^!subteam\^/.test(target)) return mention(label || "@group");
  if (/^!(here|channel|everyone)$/.test(target)) return mention("@" + target.slice(1), true);
  const url = decode(target);
  return /^(https?|mailto):/i.test(url) ? link(url, label || url.replace(/^mailto:/i, "")) : `<${decode(body)}>`;
}

// One alternative each: code, control form, bold, italic, strike, bare URL.
const styled = (mark) => `(?<![\\p{L}\\p{N}${mark}])${mark}(?=\\S)([^${mark}\\n]*[^${mark}\\s])${mark}(?![\\p{L}\\p{N}${mark}])`;
const inlineForms = new RegExp(
  ["`([^`\\n]+)`", "<([^<>\\n]+)>", styled("\\*"), styled("_"), styled("~"), "(https?://[^\\s<>|]+)"].join("|"), "gu");

function inline(text, verbatim) {
  const out = [];
  let from = 0;
  for (const m of text.matchAll(inlineForms)) {
    const [whole, code, form, bold, italic, strike, url] = m;
    out.push(decode(shortcodes(text.slice(from, m.index))));
    from = m.index + whole.length;
    if (code) out.push(h("code", null, decode(code)));
    else if (form) out.push(control(form));
    else if (url) out.push(verbatim ? decode(url) : link(decode(url), decode(url)));
    else out.push(h(bold ? "strong" : italic ? "em" : "s", null, inline(bold || italic || strike, verbatim)));
  }
  return [...out, decode(shortcodes(text.slice(from)))];
}

// mrkdwn returns nodes and strings. Between fences stands code; lines that begin with > are quotes.
function mrkdwn(text, verbatim) {
  const parts = text.split("```");
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("```")); // a fence that is never closed is text
  return parts.map((part, i) => {
    if (i % 2) return h("pre", null, decode(part.replace(/^\n|\n$/g, "")));
    return (i ? part.replace(/^\n/, "") : part).split(/((?:^(?:&gt;|>).*(?:\n|$))+)/m).map((run, j) =>
      j % 2 ? h("blockquote", null, inline(run.replace(/^(?:&gt;|>) ?/gm, "").trimEnd(), verbatim)) : inline(run, verbatim));
  });
}

const plain = (text) => (!text || typeof text === "string" ? text || "" : text.emoji === false ? text.text : shortcodes(text.text));
const rendered = (text) => (text.type === "mrkdwn" ? mrkdwn(text.text, text.verbatim) : plain(text));

// ---- Rich text

const richElements = {
  text: (e) => e.text,
  link: (e) => link(e.url, e.text || e.url),
  user: (e) => mentionUser(e.user_id),
  channel: (e) => mentionChannel(e.channel_id),
  usergroup: (e) => mention("@" + e.usergroup_id),
  broadcast: (e) => mention("@" + e.range, true),
  emoji: (e) => (e.unicode ? String.fromCodePoint(...e.unicode.split("-").map((u) => parseInt(u, 16))) : shortcodes(`:${e.name}:`)),
  date: (e) => (e.url ? link(e.url, dateNode(e.timestamp, e.format, e.fallback)) : dateNode(e.timestamp, e.format, e.fallback)),
  color: (e) => h("code", null, e.value),
};

function richElement(e) {
  const make = richElements[e.type];
  if (!make) return unsupported(e.type);
  const tags = [["code", "code"], ["strike", "s"], ["italic", "em"], ["bold", "strong"]].filter(([style]) => e.style?.[style]);
  return tags.reduce((node, [, tag]) => h(tag, null, node), make(e));
}

const richInline = (elements) => (elements || []).map(richElement);

const richParts = {
  rich_text_section: (p) => h("div", { class: "rich-section" }, richInline(p.elements)),
  rich_text_preformatted: (p) => h("pre", null, richInline(p.elements)),
  rich_text_quote: (p) => h("blockquote", null, richInline(p.elements)),
  rich_text_list: (p) => {
    const props = { class: "rich-list indent-" + Math.min(p.indent || 0, 6), start: p.offset ? p.offset + 1 : null };
    return h(p.style === "ordered" ? "ol" : "ul", props, p.elements.map((item) => h("li", null, richInline(item.elements))));
  },
};

// ---- Blocks. `on` says what a click on a button does: on.click(button element of Slack, block) -> promise.

const unsupported = (type) => h("span", { class: "unsupported" }, `This page can't show “${type}”.`);

function button(element, block, on) {
  const label = plain(element.text);
  const props = { class: ["button", element.style].filter(Boolean).join(" "), "data-testid": "action-" + element.action_id };
  if (element.accessibility_label) props["aria-label"] = element.accessibility_label;
  const click = async ({ currentTarget: node }) => {
    if (element.confirm && !confirm(plain(element.confirm.text))) return;
    node.setAttribute("aria-busy", "true");
    node.disabled = true;
    if (element.url) link(element.url).click();
    await on.click(element, block);
    node.disabled = false;
    node.removeAttribute("aria-busy");
  };
  return h("button", { ...props, type: "button", onclick: click }, label);
}

function interactive(element, block, on) {
  if (element.type === "button") return button(element, block, on);
  return element.type === "image" ? picture(element) : unsupported(element.type);
}

// picture gives the alternative text: nothing is fetched from elsewhere.
const picture = (e) => h("span", { class: "picture" }, `Image: ${e.alt_text}`);

const blockKinds = {
  header: (b) => h("h3", { class: "block-header" }, plain(b.text)),
  section: (b, on) =>
    h("div", { class: "section" },
      h("div", { class: "section-main" },
        b.text && h("div", { class: "text" }, rendered(b.text)),
        b.fields && h("div", { class: "fields" }, b.fields.map((f) => h("div", { class: "text" }, rendered(f))))),
      b.accessory && h("div", { class: "accessory" }, interactive(b.accessory, b, on))),
  context: (b) => h("div", { class: "context" }, b.elements.map((e) => h("span", { class: "text" }, e.type === "image" ? picture(e) : rendered(e)))),
  divider: () => h("hr"),
  actions: (b, on) => h("div", { class: "actions" }, b.elements.map((e) => interactive(e, b, on))),
  rich_text: (b) => h("div", { class: "rich text" }, b.elements.map((p) => richParts[p.type]?.(p) || unsupported(p.type))),
  image: (b) => picture(b),
};

function blockNode(block, on) {
  try {
    return h("div", { class: "block" }, blockKinds[block.type](block, on));
  } catch {
    return unsupported(block.type); // one odd block must not take the page with it
  }
}

// ---- Messages

function avatar(user) {
  const hue = Math.max(0, state.users.findIndex((u) => u.id === user.id)) % 8;
  return h("span", { class: `avatar hue-${hue}${user.is_bot ? " bot" : ""}`, "aria-hidden": "true" }, initials(nameOf(user)));
}

const messageShortcuts = () => state.app.shortcuts.filter((s) => s.type !== "global");
const repliesTo = (channel, ts) => channel.messages.filter((m) => m.thread_ts === ts && m.ts !== ts);
const topLevel = (channel) => channel.messages.filter((m) => !m.thread_ts || m.thread_ts === m.ts);

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

function messageItems(messages, channel, box) {
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

// follow shows the last message of a list that was read to its end, or that message's beginning when it is a long one.
function follow(scroller, jump, change) {
  const last = () => scroller.querySelector("ol > :last-child")?.offsetTop - scroller.offsetTop - 10;
  const atEnd = jump || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80 || Math.abs(last() - scroller.scrollTop) < 4;
  change();
  if (atEnd) scroller.scrollTop = last();
}

function announceNew() {
  const { channel, root } = route();
  const fresh = state.channels.flatMap((c) => c.messages.filter((m) => !page.known.has(m.ts)).map((m) => [c, m]));
  fresh.forEach(([, m]) => page.known.add(m.ts));
  const inView = (m) => !m.thread_ts || m.thread_ts === m.ts || m.thread_ts === root?.ts;
  const heard = fresh.filter(([c, m]) => c === channel && m.user !== state.me.id && inView(m));
  const say = ([, m]) => `${nameOf(userOf(m.user))}: ${decode(m.text || "").slice(0, 300)}`;
  if (heard.length) $("announcer").textContent = heard.map(say).join(". ");
}

// ---- Panes

let shown = ""; // the route drawn last

function render(first) {
  const at = route();
  document.body.dataset.pane = at.pane;
  if (at.channel) page.seen.set(at.channel.id, at.channel.messages.at(-1)?.ts);
  renderSidebar(at);
  renderStatus();
  $("channel").hidden = at.pane === "home";
  if (at.channel) renderChannel(at, first);
  renderThread(at, first);
  renderHome(at, first);
  renderHint();
  renderModal();
  shown = at.pane === "home" ? "#/home" : address(at.channel?.id, at.root?.ts);
}

const isDirect = (c) => c.id.startsWith("D");
const channelIcon = (c) => icon(isDirect(c) ? "reply" : c.is_private ? "lock" : "hash");
const channelName = (c) => (isDirect(c) ? c.name : "#" + c.name);

function renderSidebar({ channel: current, pane }) {
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

const sharedWith = (c) => c.is_ext_shared || c.is_pending_ext_shared;

function renderStatus() {
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

function channelMarks(c) {
  const marks = [];
  if (c.is_private && !isDirect(c)) marks.push("Private");
  if (c.is_archived) marks.push("Archived");
  if (c.limited_until) marks.push("Rate-limited");
  if (c.is_read_only) marks.push(`${state.app.name} may not post here`);
  if (!c.is_member) marks.push(`${state.app.name} is not in this channel`);
  return marks.join(" · ");
}

function renderChannel({ channel }, first) {
  const jump = first || !shown.startsWith(address(channel.id));
  document.title = `${channelName(channel)} · ${state.team.name}`;
  const title = () => h("span", { class: "title-row" }, channelIcon(channel), h("span", null, channel.name));
  reconcile($("channel-title"), [{ key: channel.id, data: channel.name, make: title }]);
  setText($("channel-mark"), channelMarks(channel));
  renderFaults(channel);
  setText($("shared"), channel.is_ext_shared
    ? "People of another organisation read this channel." : "Another organisation is invited to this channel, and will read it.");
  $("shared").hidden = !sharedWith(channel);
  follow($("channel-scroll"), jump, () => {
    const empty = { key: "empty", data: channel.id, make: () => h("li", { class: "empty" }, `Nothing in ${channelName(channel)} yet.`) };
    const items = messageItems(topLevel(channel), channel, boxes.channel);
    reconcile($("messages"), items.length ? items : [empty]);
  });
  boxes.channel.show({ key: state.me.id + channel.id, channel: channel.id, placeholder: `Message ${channelName(channel)}` });
}

// renderHome shows the app's home tab. Slack tells the app that somebody opened it, and the app draws it.
function renderHome({ pane }, first) {
  $("home").hidden = pane !== "home";
  if (pane !== "home") return;
  if (first || shown !== "#/home") post("home", {}).then((result) => (setText($("home-error"), result.error || ""), ($("home-error").hidden = result.ok)));
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

function renderThread({ channel, root }, first) {
  $("thread").hidden = !root;
  document.body.classList.toggle("with-thread", Boolean(root));
  if (!root) return;
  const jump = first || shown !== address(channel.id, root.ts);
  for (const id of ["thread-back", "thread-close"]) $(id).setAttribute("href", address(channel.id));
  setText($("thread-channel"), channelName(channel));
  follow($("thread-scroll"), jump, () => {
    const replies = repliesTo(channel, root.ts);
    const count = replies.filter((r) => !r.ephemeral).length;
    const label = count === 1 ? "1 reply" : count ? `${count} replies` : "No replies yet";
    const [head, ...rest] = messageItems([root, ...replies], channel, boxes.thread);
    const line = { key: "count", data: label, make: () => h("li", { class: "day left" }, h("span", null, label)) };
    reconcile($("replies"), [head, line, ...rest]);
  });
  boxes.thread.show({ key: state.me.id + channel.id + root.ts, channel: channel.id, thread_ts: root.ts, placeholder: "Reply …" });
}

// moved puts the focus where the person went.
function moved(event) {
  if (!state) return;
  const before = new URL(event.oldURL).hash.split("/");
  render(false);
  const left = !route().root && before[2];
  const origin = left && document.querySelector(`#messages [data-ts="${CSS.escape(left)}"]`);
  origin ? origin.focus() : focusPane();
}

function focusPane() {
  const { root, pane } = route();
  if (pane === "list" && phone.matches) $("channels").querySelector("a")?.focus();
  else if (pane === "home") $("home-title").focus();
  else if (touch.matches) $(root ? "thread-title" : "channel-title").focus(); // no keyboard over the messages unasked
  else (root ? boxes.thread : boxes.channel).focus();
}

function remembered(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function dismissHint() {
  try { localStorage.setItem("hint", "seen"); } catch { /* then it comes back, which does no harm */ }
  $("hint").hidden = true;
  boxes.channel.focus();
}

function renderHint() {
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

// ---- Message boxes

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

const boxes = {
  channel: makeBox($("channel-composer"), "composer", false),
  thread: makeBox($("thread-composer"), "thread-composer", true),
};
const boxOf = (root) => (route().root?.ts === root ? boxes.thread : boxes.channel);

// ---- Modal: the top of the person's stack of views

const modal = { id: "", typed: new Map(), sampled: new Map(), errors: {}, note: "", phase: "", mended: new Set(), gone: new Set() };
const topView = () => state.views.filter((v) => !modal.gone.has(v.id)).at(-1);
const inputsOf = (view) => view.blocks.filter((b) => b.type === "input");
const typedKey = (view, b) => [view.id, b.block_id, b.element.action_id].join("\n");

const initialOf = (e) =>
  e.initial_value ?? e.initial_option?.value ?? e.initial_options?.map((o) => o.value) ?? e.initial_date_time ?? e.initial_date ?? e.initial_time ?? "";

// valueOf is what a field holds: what was typed wins over the server's state, and that over the initial value.
const valueOf = (view, b) => modal.typed.get(typedKey(view, b)) ?? view.state?.[b.block_id] ?? initialOf(b.element);

const several = (value) => (Array.isArray(value) ? value : String(value).split(",").filter(Boolean));

// Each kind of control: make(element, attributes, value) -> node, read(nodes) -> what /ui/submit takes.
const typedText = (type) => ({ make: (e, attrs, value) => h("input", { ...attrs, type, value }), read: ([n]) => n.value });
const choices = (type, read) => ({
  read,
  make: (e, { id, ...attrs }, value) =>
    h("div", { class: "choices" }, e.options.map((o, i) =>
      h("label", { class: "choice" },
        h("input", { ...attrs, type, id: i ? null : id, name: id, value: o.value, checked: several(value).includes(o.value) }),
        h("span", null, rendered(o.text), o.description && h("small", null, rendered(o.description)))))),
});
const controls = {
  plain_text_input: {
    read: ([n]) => n.value,
    make: (e, attrs, value) => h(e.multiline ? "textarea" : "input", { ...attrs, rows: e.multiline && 4, type: e.multiline ? null : "text", value }),
  },
  number_input: typedText("number"),
  email_text_input: typedText("email"),
  url_text_input: typedText("url"),
  datepicker: typedText("date"),
  timepicker: typedText("time"),
  datetimepicker: {
    read: ([n]) => wallToUnix(n.value),
    make: (e, attrs, value) => h("input", { ...attrs, type: "datetime-local", value: unixToWall(value) }),
  },
  static_select: {
    read: ([n]) => n.value,
    make: (e, attrs, value) => {
      const option = (o) => h("option", { value: o.value, selected: o.value === value }, plain(o.text));
      const groups = (e.option_groups || []).map((g) => h("optgroup", { label: plain(g.label) }, g.options.map(option)));
      const none = !e.initial_option && h("option", { value: "" }, plain(e.placeholder) || "Choose one");
      return h("span", { class: "select-wrap" }, h("select", attrs, none, (e.options || []).map(option), groups));
    },
  },
  checkboxes: choices("checkbox", (nodes) => nodes.filter((n) => n.checked).map((n) => n.value)),
  radio_buttons: choices("radio", (nodes) => nodes.find((n) => n.checked)?.value || ""),
};

function fieldNode(view, b) {
  const e = b.element;
  const kind = controls[e.type];
  const id = "field-" + b.block_id;
  const group = e.type === "checkboxes" || e.type === "radio_buttons";
  const secret = e.action_id === "token"; // by convention: never remembered, corrected or proposed
  const attrs = {
    id, "data-testid": id, "aria-describedby": `hint-${b.block_id} error-${b.block_id}`, "aria-required": !b.optional && !group && "true",
    placeholder: plain(e.placeholder) || null, class: (secret || e.multiline) && "mono", min: e.min_value, max: e.max_value,
    autocomplete: "off", spellcheck: secret || e.multiline ? "false" : null, autocapitalize: "off", autocorrect: secret && "off",
  };
  const label = [plain(b.label), b.optional && h("span", { class: "optional" }, " (optional)")];
  const hint = plain(b.hint) || (e.type === "datetimepicker" && `Time zone: ${zoneOf()}`);
  const node = h(group ? "fieldset" : "div", { class: "field" },
    group ? h("legend", { class: "label" }, label) : h("label", { class: "label", for: id }, label),
    kind ? kind.make(e, attrs, valueOf(view, b)) : unsupported(e.type),
    hint && h("p", { class: "field-hint", id: "hint-" + b.block_id }, hint));
  node.addEventListener("input", () => {
    modal.typed.set(typedKey(view, b), readField(b));
    modal.mended.add(b.block_id);
    renderErrors(topView());
  });
  return node;
}

const fieldNodes = (b) => [...$("modal-body").querySelectorAll(`[data-testid="${CSS.escape("field-" + b.block_id)}"]`)];
const readField = (b) => controls[b.element.type]?.read(fieldNodes(b)) ?? "";

// forgetGone: a token is kept no longer than the field that it was typed into.
function forgetGone() {
  const fields = new Set(state.views.flatMap((v) => inputsOf(v).map((b) => typedKey(v, b))));
  for (const key of modal.typed.keys()) {
    if (fields.has(key)) continue;
    modal.typed.delete(key);
    modal.sampled.delete(key);
  }
}

function renderModal() {
  const view = topView();
  const dialog = $("modal");
  forgetGone();
  if (!view) {
    modal.id = "";
    offerSamples();
    $("modal-body").replaceChildren();
    if (dialog.open) dialog.close();
    return;
  }
  const fresh = modal.id !== view.id;
  if (fresh) Object.assign(modal, { id: view.id, errors: {}, note: "", phase: "", mended: new Set() });
  $("hint").hidden = true; // whoever got this far needs it no more
  setText($("modal-title"), plain(view.title));
  const on = { click: (element, block) => clickView(view, element, block) };
  reconcile($("modal-body"), view.blocks.map((b, i) => ({
    key: `${view.id} ${b.block_id || i}`,
    data: b.type === "input" ? [b, view.state?.[b.block_id], state.me.tz] : [b, state.users],
    make: () => (b.type === "input" ? fieldNode(view, b) : blockNode(b, on)),
  })));
  renderErrors(view);
  renderFooter(view);
  if (!inputsOf(view).length) setText($("modal-status"), $("modal-body").textContent.slice(0, 400));
  if (!dialog.open) dialog.showModal();
  offerSamples(view);
  if (fresh || !dialog.contains(document.activeElement)) enterModal(view);
}

// enterModal puts the focus on the first field, or on the title when there is only something to read.
function enterModal(view) {
  const inputs = inputsOf(view);
  const first = inputs.find((b) => b.element.focus_on_load) || inputs[0];
  const node = !touch.matches && first && fieldNodes(first)[0];
  (node || $("modal-title")).focus({ preventScroll: true });
  $("modal-body").scrollTop = 0;
}

function renderFooter(view) {
  const busy = modal.phase || view.pending;
  const submit = $("modal-submit");
  submit.hidden = !view.submit;
  submit.disabled = Boolean(busy);
  submit.classList.toggle("busy", Boolean(busy));
  setText(submit, busy ? "Sending …" : plain(view.submit) || "Submit");
  setText($("modal-close"), plain(view.close) || (view.submit ? "Cancel" : "Close"));
  setText($("modal-note"), modal.note);
  $("modal-note").hidden = !modal.note;
}

// An error goes when its field is edited.
const errorsOf = (view) => Object.fromEntries(Object.entries({ ...view.errors, ...modal.errors }).filter(([id]) => !modal.mended.has(id)));

function renderErrors(view) {
  const errors = errorsOf(view);
  for (const b of inputsOf(view)) {
    const nodes = fieldNodes(b);
    const field = nodes[0]?.closest(".field");
    if (!field) continue;
    const message = errors[b.block_id];
    const id = "error-" + b.block_id;
    const error = field.querySelector(".field-error");
    if (!message) error?.remove();
    else if (error) setText(error.lastChild, message);
    else field.append(h("p", { class: "field-error", id, "data-testid": id }, icon("alert"), h("span", null, message)));
    nodes.forEach((n) => (message ? n.setAttribute("aria-invalid", "true") : n.removeAttribute("aria-invalid")));
  }
}

function focusFirstError(view) {
  const errors = errorsOf(view);
  const b = inputsOf(view).find((b) => errors[b.block_id]);
  if (b) fieldNodes(b)[0]?.focus();
}

async function submitView(event) {
  event.preventDefault();
  const view = topView();
  if (!view || modal.phase) return;
  const values = Object.fromEntries(inputsOf(view).map((b) => [b.block_id, readField(b)]));
  Object.assign(modal, { phase: "sending", errors: {}, note: "" });
  renderModal();
  const { ok, error, errors = {} } = await post("submit", { view_id: view.id, values });
  if (modal.id !== view.id) return;
  const blamed = Object.keys(errors || {}).length > 0;
  // Accepted: the button stays busy until the state that follows from it is here.
  modal.mended.clear();
  Object.assign(modal, { phase: ok && !blamed ? "settling" : "", errors, note: ok || blamed ? "" : error });
  if (modal.phase) setTimeout(() => (settleModal(), renderModal()), 500);
  renderModal();
  if (blamed) focusFirstError(view);
}

function settleModal() {
  if (modal.phase === "settling") modal.phase = "";
}

async function clickView(view, element, block) {
  const result = await post("click-view", { view_id: view.id, action_id: element.action_id, block_id: block.block_id });
  if (modal.id === view.id) modal.note = result.ok ? "" : result.error;
  renderModal();
}

function closeView() {
  const view = topView();
  if (!view) return;
  modal.gone.add(view.id);
  post("close", { view_id: view.id });
  renderModal();
}

function leaveModal() {
  closeView(); // Escape can close a dialog without asking first
  // The browser gives the focus back to what opened the dialog, unless that was drawn anew meanwhile. On a phone
  // that would bring the keyboard up, over the answer.
  const focus = document.activeElement;
  if (focus === document.body || (touch.matches && focus.matches("textarea"))) focusPane();
  else if (focus.matches("textarea")) (focus.blur(), focus.focus()); // given back by the dialog it takes no text in Chromium
}

function trapTab(event) {
  if (event.key !== "Tab") return;
  const all = $("modal").querySelectorAll("button, input, select, textarea, a[href], summary");
  const reachable = [...all].filter((n) => !n.disabled && n.checkVisibility());
  const from = event.shiftKey ? reachable[0] : reachable.at(-1);
  const outside = !reachable.includes(document.activeElement) && event.shiftKey;
  if (document.activeElement !== from && !outside) return;
  event.preventDefault();
  (event.shiftKey ? reachable.at(-1) : reachable[0]).focus();
}

// ---- Samples

// offerSamples shows the drawer beside a form that asks for a token, with samples fetched afresh for each form.
async function offerSamples(view) {
  const drawer = $("samples");
  const wanted = view && inputsOf(view).some((b) => b.block_id === "token") ? view.id : "";
  if (wanted === (drawer.dataset.view || "")) return;
  drawer.dataset.view = wanted;
  drawer.hidden = true;
  $("sample-list").replaceChildren();
  if (!wanted) return;
  const samples = await fetch("/ui/samples").then((r) => r.json()).catch(() => []);
  if (drawer.dataset.view !== wanted || !samples?.length) return;
  drawer.open = !phone.matches;
  drawer.hidden = false;
  $("sample-list").replaceChildren(...samples.map(sampleItem));
}

const sampleItem = (s) =>
  h("li", null,
    h("button", { class: "sample", type: "button", "data-testid": "sample-" + s.id, "aria-pressed": "false", onclick: (e) => fill(s, e.currentTarget) },
      h("span", { class: "sample-title" }, s.title), icon("check"), h("span", { class: "sample-hint" }, s.hint)));

// fill puts a sample's values into the form. What an earlier sample left there goes; what the person typed stays.
function fill(sample, node) {
  const view = topView();
  if (!view) return;
  for (const b of inputsOf(view)) {
    const key = typedKey(view, b);
    const left = modal.sampled.get(key) === String(readField(b));
    const value = sample.values[b.block_id] ?? (left ? initialOf(b.element) : readField(b));
    modal.typed.set(key, value);
    const field = fieldNodes(b)[0].closest(".field");
    const fresh = fieldNode(view, b);
    fresh.dataset.key = field.dataset.key;
    signatures.set(fresh, signatures.get(field));
    field.replaceWith(fresh);
    modal.mended.add(b.block_id);
    if (b.block_id in sample.values) modal.sampled.set(key, String(readField(b)));
  }
  modal.note = "";
  renderModal();
  $("sample-list").querySelectorAll("button").forEach((n) => n.setAttribute("aria-pressed", String(n === node)));
  setText($("modal-status"), `Filled in: ${sample.title}`);
  if (phone.matches) $("samples").open = false;
}

// ---- Start

for (const id of ["to-list", "home-to-list", "thread-back"]) $(id).append(icon("back"));
for (const id of ["thread-close", "modal-x"]) $(id).append(icon("close"));
$("modal-form").addEventListener("submit", submitView);
$("modal-close").addEventListener("click", closeView);
$("modal-x").addEventListener("click", closeView);
$("modal").addEventListener("keydown", trapTab);
$("modal").addEventListener("cancel", (event) => (event.preventDefault(), closeView()));
$("modal").addEventListener("close", leaveModal);
$("person").addEventListener("change", ({ target }) => {
  page.user = target.value;
  history.replaceState(null, "", `?user=${encodeURIComponent(page.user)}${location.hash}`);
  listen();
});
addEventListener("hashchange", moved);
startFaults();
document.querySelector(".skip").addEventListener("click", (event) => (event.preventDefault(), boxes.channel.focus()));
listen();

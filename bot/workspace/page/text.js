// Slack's text: plain text with its shortcodes, and mrkdwn, as nodes.
import { h } from "./dom.js";
import { state } from "./state.js";
import { address } from "./route.js";
import { userOf } from "./names.js";
import { dateNode } from "./times.js";

const emoji = {
  fire: "🔥", rotating_light: "🚨", white_check_mark: "✅", x: "❌", warning: "⚠️", no_entry: "⛔", question: "❓", information_source: "ℹ️",
  bulb: "💡", lock: "🔒", key: "🔑", mag: "🔍", eyes: "👀", hourglass_flowing_sand: "⏳", tada: "🎉", "+1": "👍", wave: "👋", link: "🔗",
};
export const shortcodes = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => (Object.hasOwn(emoji, name) ? emoji[name] : whole));
export const decode = (text) => text.replace(/&(amp|lt|gt);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">" })[name]);

export function link(url, ...label) {
  if (!/^(https?:\/\/|mailto:)/i.test(url)) return h("span", null, ...label);
  const here = url.match(/^https:\/\/([\w-]+)\.slack\.com\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?.*?thread_ts=([\d.]+))?/);
  if (here && here[1] === state.team.domain) return h("a", { href: address(here[2], here[5] || `${here[3]}.${here[4]}`) }, ...label);
  return h("a", { href: url, title: url, target: "_blank", rel: "noopener noreferrer nofollow" }, ...label);
}

export const mention = (text, mine) => h("span", { class: mine ? "mention mine" : "mention" }, text);
export const mentionUser = (id) => mention("@" + userOf(id).name, id === state.me.id);

export function mentionChannel(id, label) {
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
export function mrkdwn(text, verbatim) {
  const parts = text.split("```");
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join("```")); // a fence that is never closed is text
  return parts.map((part, i) => {
    if (i % 2) return h("pre", null, decode(part.replace(/^\n|\n$/g, "")));
    return (i ? part.replace(/^\n/, "") : part).split(/((?:^(?:&gt;|>).*(?:\n|$))+)/m).map((run, j) =>
      j % 2 ? h("blockquote", null, inline(run.replace(/^(?:&gt;|>) ?/gm, "").trimEnd(), verbatim)) : inline(run, verbatim));
  });
}

export const plain = (text) => (!text || typeof text === "string" ? text || "" : text.emoji === false ? text.text : shortcodes(text.text));
export const rendered = (text) => (text.type === "mrkdwn" ? mrkdwn(text.text, text.verbatim) : plain(text));

// Blocks and rich text, as they stand in messages and views. `on` says what a click on a button does: on.click(button
// element of Slack, block) -> promise.
import { h } from "./dom.js";
import { link, mention, mentionChannel, mentionUser, plain, rendered, shortcodes } from "./text.js";
import { dateNode } from "./times.js";

export const unsupported = (type) => h("span", { class: "unsupported" }, `This page can't show “${type}”.`);

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

export function blockNode(block, on) {
  try {
    return h("div", { class: "block" }, blockKinds[block.type](block, on));
  } catch {
    return unsupported(block.type); // one odd block must not take the page with it
  }
}

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

// The panes with messages: a channel, and a thread beside it.
import { $, h, reconcile, setText } from "./dom.js";
import { page, state } from "./state.js";
import { address } from "./route.js";
import { channelIcon, channelName, isDirect, sharedWith } from "./names.js";
import { messageItems, repliesTo, topLevel } from "./messages.js";
import { boxes } from "./composer.js";
import { renderFaults } from "./faults.js";

function channelMarks(c) {
  const marks = [];
  if (c.is_private && !isDirect(c)) marks.push("Private");
  if (c.is_archived) marks.push("Archived");
  if (c.limited_until) marks.push("Rate-limited");
  if (c.is_read_only) marks.push(`${state.app.name} may not post here`);
  if (!c.is_member) marks.push(`${state.app.name} is not in this channel`);
  return marks.join(" · ");
}

export function renderChannel({ channel }, first) {
  const jump = first || !page.shown.startsWith(address(channel.id));
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

export function renderThread({ channel, root }, first) {
  $("thread").hidden = !root;
  document.body.classList.toggle("with-thread", Boolean(root));
  if (!root) return;
  const jump = first || page.shown !== address(channel.id, root.ts);
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

// follow shows the last message of a list that was read to its end, or that message's beginning when it is a long one.
function follow(scroller, jump, change) {
  const last = () => scroller.querySelector("ol > :last-child")?.offsetTop - scroller.offsetTop - 10;
  const atEnd = jump || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80 || Math.abs(last() - scroller.scrollTop) < 4;
  change();
  if (atEnd) scroller.scrollTop = last();
}

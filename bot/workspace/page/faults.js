// What Slack may do to the app: the controls of the channel's pane, and the record of what went on.
//
// Hooks for tests (data-testid):
//   faults                         the <details>; faults-last: what its own line says, faults-status: what a control did
//   disconnect, redeliver, outage, limit, share, archive, mend      the buttons
//   reason, outage-fault, outage-seconds, limit-seconds             the selects
//   record, entry                  the list, newest first, and its lines, each with data-kind
import { $, h, reconcile, setText } from "./dom.js";
import { post, state } from "./state.js";
import { route } from "./route.js";
import { channelName, isDirect } from "./names.js";
import { clock, utc } from "./times.js";

const entryTexts = {
  connected: () => "Connection opened",
  disconnected: (e) => (e.code === "cut" ? "Connections cut, without a word" : `Disconnect announced: ${e.code}`),
  closed: () => "Connection ended",
  redelivered: (e) => `Delivered again: ${e.what}`,
  refused: (e) => `Refused: ${e.what}, ${e.code}`,
  limited: (e) => `${e.status} ${e.code}: ${e.what}, Retry-After ${e.seconds} s`,
  failed: (e) => `${e.status} ${e.code}: ${e.what}`,
  hung: (e) => `No answer for up to ${e.seconds} s: ${e.what}`,
};

function entryText(e) {
  const text = entryTexts[e.kind](e);
  return ["connected", "closed"].includes(e.kind) ? `${text}, ${e.open} open` : text;
}

function entryNode(e) {
  const ms = Date.parse(e.at);
  return h("li", { class: "entry " + e.kind, "data-testid": "entry", "data-kind": e.kind },
    h("time", { datetime: e.at, title: utc(ms) }, clock(ms, true)), " ", h("span", null, entryText(e)));
}

// inForce says what the app meets now.
function inForce(channel) {
  const until = (at) => `until ${clock(Date.parse(at), true)}`;
  const list = [];
  if (state.outage) list.push(`The Web API ${state.outage.hangs ? "does not answer" : "answers 500"} ${until(state.outage.until)}`);
  if (channel.limited_until) list.push(`${channelName(channel)} takes no messages of ${state.app.name} ${until(channel.limited_until)}`);
  return list.join(". ");
}

const chosen = (id) => $(id).value;
const faultStatus = (text) => setText($("faults-status"), text);

const patient = "Sent to every connection, and they ended. A patient app comes back after minutes only.";
const disconnectTexts = { link_disabled: patient, too_many_websockets: patient, cut: "Every connection was cut." };

// Each control: the button's ID is its action's; body(channel) is what is sent, done(channel) what is said then. Of what
// stays in force for a while, the line beside it speaks.
const faultControls = {
  disconnect: { body: () => ({ reason: chosen("reason") }), done: () => disconnectTexts[chosen("reason")] || "Sent to every connection." },
  redeliver: { body: () => ({}), done: () => "The last envelope was delivered once more." },
  outage: { body: () => ({ fault: chosen("outage-fault"), seconds: Number(chosen("outage-seconds")) }), done: () => "" },
  limit: { body: (c) => ({ channel: c.id, seconds: Number(chosen("limit-seconds")) }), done: () => "" },
  share: {
    body: (c) => ({ channel: c.id, on: !c.is_ext_shared }),
    done: (c) => (c.is_ext_shared ? `${channelName(c)} is shared no more.` : `${channelName(c)} is shared with another organisation.`),
  },
  archive: {
    body: (c) => ({ channel: c.id, on: !c.is_archived }),
    done: (c) => (c.is_archived ? `${channelName(c)} is no longer archived.` : `${channelName(c)} is archived.`),
  },
};

async function useControl(name) {
  const { channel } = route();
  const { body, done } = faultControls[name];
  faultStatus("");
  const result = await post(name, body(channel));
  faultStatus(result.ok ? done(channel) : result.error);
}

// mend ends what is in force here: the outage and the channel's limit.
async function mend() {
  const { channel } = route();
  await post("outage", { fault: "fails", seconds: 0 });
  const result = channel.limited_until ? await post("limit", { channel: channel.id, seconds: 0 }) : { ok: true };
  faultStatus(result.ok ? "All works again." : result.error);
  $("faults").querySelector("summary").focus(); // the button is gone
}

export function startFaults() {
  for (const name of Object.keys(faultControls)) $(name).addEventListener("click", () => useControl(name));
  $("mend").addEventListener("click", mend);
  $("faults").addEventListener("toggle", () => state && renderFaults(route().channel));
}

export function renderFaults(channel) {
  const now = inForce(channel);
  const last = state.record.at(-1);
  setText($("faults-last"), (!$("faults").open && now) || (last ? entryText(last) : ""));
  $("faults").toggleAttribute("data-force", Boolean(now));
  setText($("in-force"), now && now + ".");
  $("mend").hidden = !now;
  setText($("faults-channel"), channelName(channel));
  setText($("share"), channel.is_ext_shared ? "End the sharing" : "Share externally");
  setText($("archive"), channel.is_archived ? "Unarchive" : "Archive");
  $("faults-here").hidden = isDirect(channel);
  const items = state.record.map((e) => ({ key: String(e.n), data: state.me.tz, make: () => entryNode(e) })).reverse();
  const none = { key: "none", data: "", make: () => h("li", { class: "empty" }, "Nothing happened yet.") };
  reconcile($("record"), items.length ? items : [none]);
}

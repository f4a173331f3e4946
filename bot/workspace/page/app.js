// The workspace page: what one person sees of the local workspace, drawn anew from each state the server sends. This
// module starts it; the others do nothing by themselves, but for the two message boxes, and import each other in no circle.
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
import { $, icon } from "./dom.js";
import { listen, page, state, take } from "./state.js";
import { address, route } from "./route.js";
import { renderSidebar, renderStatus } from "./sidebar.js";
import { renderChannel, renderThread } from "./channel.js";
import { renderHome } from "./home.js";
import { renderHint } from "./hint.js";
import { renderModal, settleModal, startModal } from "./modal.js";
import { announceNew } from "./messages.js";
import { boxes } from "./composer.js";
import { focusAfter } from "./focus.js";
import { startFaults } from "./faults.js";

function receive(next) {
  const first = take(next);
  settleModal();
  render(first);
  announceNew();
}

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
  page.shown = at.pane === "home" ? "#/home" : address(at.channel?.id, at.root?.ts);
}

// moved puts the focus where the person went.
function moved(event) {
  if (!state) return;
  render(false);
  focusAfter(event.oldURL);
}

for (const id of ["to-list", "home-to-list", "thread-back"]) $(id).append(icon("back"));
for (const id of ["thread-close", "modal-x"]) $(id).append(icon("close"));

$("person").addEventListener("change", ({ target }) => {
  page.user = target.value;
  history.replaceState(null, "", `?user=${encodeURIComponent(page.user)}${location.hash}`);
  listen(receive, renderStatus);
});
addEventListener("hashchange", moved);
document.querySelector(".skip").addEventListener("click", (event) => (event.preventDefault(), boxes.channel.focus()));
startModal();
startFaults();
listen(receive, renderStatus);

// The modal: the top of the person's stack of views.
import { $, reconcile, setText, touch } from "./dom.js";
import { post, state } from "./state.js";
import { plain } from "./text.js";
import { blockNode } from "./blocks.js";
import { fieldNode, fieldNodes, focusFirstError, forgetGone, inputsOf, modal, readField, renderErrors, topView } from "./inputs.js";
import { offerSamples } from "./samples.js";
import { focusPane, trapTab } from "./focus.js";

export function renderModal() {
  const view = topView();
  const dialog = $("modal");
  forgetGone();
  if (!view) {
    modal.id = "";
    offerSamples(null, renderModal);
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
  offerSamples(view, renderModal);
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

export function settleModal() {
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

export function startModal() {
  $("modal-form").addEventListener("submit", submitView);
  $("modal-close").addEventListener("click", closeView);
  $("modal-x").addEventListener("click", closeView);
  $("modal").addEventListener("keydown", trapTab);
  $("modal").addEventListener("cancel", (event) => (event.preventDefault(), closeView()));
  $("modal").addEventListener("close", leaveModal);
}

// The sample tokens beside a form.
import { $, h, icon, phone, setText, signatures } from "./dom.js";
import { fieldNode, fieldNodes, initialOf, inputsOf, modal, readField, topView, typedKey } from "./inputs.js";

// offerSamples shows the drawer beside a form that asks for a token, with samples fetched afresh for each form;
// redraw draws the modal that one of them was filled into.
export async function offerSamples(view, redraw) {
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
  $("sample-list").replaceChildren(...samples.map((s) => sampleItem(s, redraw)));
}

const sampleItem = (s, redraw) =>
  h("li", null,
    h("button", { class: "sample", type: "button", "data-testid": "sample-" + s.id, "aria-pressed": "false", onclick: (e) => fill(s, e.currentTarget, redraw) },
      h("span", { class: "sample-title" }, s.title), icon("check"), h("span", { class: "sample-hint" }, s.hint)));

// fill puts a sample's values into the form. What an earlier sample left there goes; what the person typed stays.
function fill(sample, node, redraw) {
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
  redraw();
  $("sample-list").querySelectorAll("button").forEach((n) => n.setAttribute("aria-pressed", String(n === node)));
  setText($("modal-status"), `Filled in: ${sample.title}`);
  if (phone.matches) $("samples").open = false;
}

// The inputs of a modal's view: their controls, what they hold, and their errors.
import { $, h, icon, setText } from "./dom.js";
import { state } from "./state.js";
import { unixToWall, wallToUnix, zoneOf } from "./times.js";
import { plain, rendered } from "./text.js";
import { unsupported } from "./blocks.js";

// modal is what the page keeps of the modal, beside the person's stack of views; topView is the one that is shown.
export const modal = { id: "", typed: new Map(), sampled: new Map(), errors: {}, note: "", phase: "", mended: new Set(), gone: new Set() };
export const topView = () => state.views.filter((v) => !modal.gone.has(v.id)).at(-1);
export const inputsOf = (view) => view.blocks.filter((b) => b.type === "input");
export const typedKey = (view, b) => [view.id, b.block_id, b.element.action_id].join("\n");

export const initialOf = (e) =>
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

export function fieldNode(view, b) {
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

export const fieldNodes = (b) => [...$("modal-body").querySelectorAll(`[data-testid="${CSS.escape("field-" + b.block_id)}"]`)];
export const readField = (b) => controls[b.element.type]?.read(fieldNodes(b)) ?? "";

// forgetGone: a token is kept no longer than the field that it was typed into.
export function forgetGone() {
  const fields = new Set(state.views.flatMap((v) => inputsOf(v).map((b) => typedKey(v, b))));
  for (const key of modal.typed.keys()) {
    if (fields.has(key)) continue;
    modal.typed.delete(key);
    modal.sampled.delete(key);
  }
}

// An error goes when its field is edited.
const errorsOf = (view) => Object.fromEntries(Object.entries({ ...view.errors, ...modal.errors }).filter(([id]) => !modal.mended.has(id)));

export function renderErrors(view) {
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

export function focusFirstError(view) {
  const errors = errorsOf(view);
  const b = inputsOf(view).find((b) => errors[b.block_id]);
  if (b) fieldNodes(b)[0]?.focus();
}

// node types.mjs DIR: holds every body in DIR, which the workspace exported, against Slack's own types. Each is written as
// a literal of TypeScript, where a property too many and a wrong word are errors too, and the compiler judges.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const [dir] = process.argv.slice(2);

const acknowledgements = { slash_commands: "RespondArguments", view_submission: "ViewResponseAction" };

// typeOf is the type of a body's file: ChatPostMessageArguments for chat.postMessage.
const typeOf = (name) => {
  if (name === "response_url") return "RespondArguments";
  if (name.startsWith("ack.")) return acknowledgements[name.slice(4)] ?? "never";
  return `web.${name.split(".").map((part) => part[0].toUpperCase() + part.slice(1)).join("")}Arguments`;
};

// Arguments take any block of any name beside the known ones, and so judge no block. Each list of blocks is declared
// on its own, as blocks that Slack knows, and taken out of what it stood in; each view likewise.
const declarations = (file, type, body) => {
  const parts = [];
  const declare = (part, as, value) => parts.push(`export const ${part}: ${as} = ${JSON.stringify(value)};`);
  const taken = (part, value) => {
    if (!value.blocks) return value;
    declare(`${part}Blocks`, "KnownBlock[]", value.blocks);
    return { ...value, blocks: [] };
  };
  const name = `_${file.replace(/\W/g, "_")}`;
  if (body.view) {
    declare(`${name}View`, body.view.type === "home" ? "HomeView" : "ModalView", taken(`${name}View`, body.view));
    body = { ...body, view: { type: "modal", title: { type: "plain_text", text: "-" }, blocks: [] } };
    if (type === "web.ViewsPublishArguments") body.view = { type: "home", blocks: [] };
  }
  declare(name, type, taken(name, body));
  return parts;
};

const plain = (text) => ({ type: "plain_text", text });
const section = { type: "section", text: plain("x") };
const modal = { type: "modal", title: plain("x"), blocks: [section] };

// wrong are bodies each of which the compiler must refuse once, or it would refuse nothing.
const wrong = {
  "a property that no section has": ["web.ChatPostMessageArguments", { channel: "C", text: "x", blocks: [{ ...section, colour: "red" }] }],
  "a block that is not there": ["web.ChatPostMessageArguments", { channel: "C", text: "x", blocks: [{ type: "sektion", text: plain("x") }] }],
  "markdown in a header": ["RespondArguments", { text: "x", blocks: [{ type: "header", text: { type: "mrkdwn", text: "*x*" } }] }],
  "a rich text without its elements": ["web.ChatUpdateArguments", { channel: "C", ts: "1.0", text: "x", blocks: [{ type: "rich_text" }] }],
  "a style that no button has": ["web.ChatPostMessageArguments", { channel: "C", text: "x", blocks: [{ type: "actions",
    elements: [{ type: "button", action_id: "a", text: plain("x"), style: "warning" }] }] }],
  "a view without a title": ["web.ViewsOpenArguments", { trigger_id: "1", view: { type: "modal", blocks: [section] } }],
  "an input without its label": ["ViewResponseAction", { response_action: "update", view: { ...modal, blocks: [{ type: "input",
    element: { type: "plain_text_input", action_id: "a" } }] } }],
  "an argument that is not there": ["web.ViewsUpdateArguments", { view_id: "V", view: modal, force: true }],
  "an answer that is not there": ["ViewResponseAction", { response_action: "replace", view: modal }],
  "text where a number belongs": ["web.ChatPostMessageArguments", { channel: "C", text: "x", blocks: [{ type: "rich_text",
    elements: [{ type: "rich_text_list", style: "bullet", indent: "1", elements: [] }] }] }],
};

const head = `import type { HomeView, KnownBlock, ModalView } from "@slack/types";
import type * as web from "@slack/web-api";
import type { RespondArguments, ViewResponseAction } from "@slack/bolt";
`;

// refused compiles declarations and returns the lines that the compiler has something against.
const refused = (lines) => {
  const scratch = mkdtempSync(join(here, "types-"));
  try {
    writeFileSync(join(scratch, "bodies.ts"), head + lines.join("\n"));
    writeFileSync(join(scratch, "tsconfig.json"), JSON.stringify({ files: ["bodies.ts"], compilerOptions: { noEmit: true, strict: true,
      skipLibCheck: true, module: "nodenext", target: "es2022", types: [], pretty: false } }));
    try {
      execFileSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", scratch], { encoding: "utf8", maxBuffer: 1 << 26 });
      return new Map();
    } catch (e) {
      if (!e.stdout) throw e;
      const found = new Map(); // line: what it says first
      for (const text of e.stdout.split("\n")) {
        const at = /bodies\.ts\((\d+),\d+\): (error .*)/.exec(text);
        if (at) found.set(at[1] - head.split("\n").length, at[2]);
        else if (/^\S.*error TS/.test(text)) throw new Error(text);
      }
      return found;
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
};

const files = readdirSync(dir).filter((name) => name.endsWith(".json")).sort();
const kinds = {};
const lines = [];
for (const file of files) {
  const kind = file.slice(0, file.lastIndexOf("-"));
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  lines.push(...declarations(file, typeOf(kind), JSON.parse(readFileSync(join(dir, file), "utf8"))));
}
for (const kind of ["chat.postMessage", "views.open", "views.update", "ack.view_submission"]) {
  if (!kinds[kind]) throw new Error(`no ${kind} in ${dir}: what was exported is not what the bot sends`);
}
const planted = [];
for (const [what, [type, body]] of Object.entries(wrong)) {
  const parts = declarations(`planted ${planted.length}`, type, body);
  planted.push({ what, from: lines.length, to: lines.length + parts.length });
  lines.push(...parts);
}

const found = refused(lines);
let failed = false;
for (const { what, from, to } of planted) {
  if (![...found.keys()].some((line) => line >= from && line < to)) {
    console.error(`planted and not refused: ${what}`);
    failed = true;
  }
}
for (const [line, says] of found) {
  if (line < planted[0].from) {
    console.error(`${lines[line].slice(0, 60)}…: ${says}`);
    failed = true;
  }
}
console.log(Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`).join(", "));
console.log(`${files.length} bodies against Slack's types; ${planted.length} wrong ones planted among them${failed ? "" : ", all refused"}`);
process.exitCode = failed ? 1 : 0;

// A small app made of Slack's own clients alone, for a workspace that says that it speaks Slack's protocol. It does
// what the events and commands ask of it, and writes one line of JSON for each thing that it saw.
import { SocketModeClient } from "@slack/socket-mode";
import { ErrorCode, WebClient } from "@slack/web-api";

const { SLACK_API_URL: slackApiUrl, SLACK_APP_TOKEN: appToken, SLACK_BOT_TOKEN: botToken } = process.env;
const saw = (what, details = {}) => console.log(JSON.stringify({ saw: what, ...details }));
const quiet = { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => "error", setName() {} };

const web = new WebClient(botToken, { slackApiUrl, logger: quiet });
// clientPingTimeout is also what it waits before it connects again.
const socket = new SocketModeClient({ appToken, logger: quiet, clientPingTimeout: 300, serverPingTimeout: 3000,
  clientOptions: { slackApiUrl } });

const plain = (text) => ({ type: "plain_text", text });
const modal = (metadata) => ({
  type: "modal", callback_id: "form", private_metadata: metadata, title: plain("Form"), submit: plain("Send"), close: plain("Cancel"),
  notify_on_close: true,
  blocks: [
    { type: "input", block_id: "word", label: plain("A word"), element: { type: "plain_text_input", action_id: "word" } },
    { type: "input", block_id: "day", optional: true, label: plain("A day"),
      element: { type: "static_select", action_id: "day", options: ["mon", "tue"].map((value) => ({ text: plain(value), value })) } },
  ],
});
const note = (text) => ({ type: "modal", callback_id: "note", title: plain("Form"), blocks: [{ type: "section", text: plain(text) }] });

// errorOf is the code of Slack's refusal.
const errorOf = async (call) => {
  try {
    await call;
    return "none";
  } catch (e) {
    return e.code === ErrorCode.PlatformError ? e.data.error : `${e.code}: ${e.message}`;
  }
};

const handling = (what, work) => async (event) => {
  try {
    await work(event);
  } catch (e) {
    saw("error", { words: [what, String(e)] });
  }
};

socket.on("slash_commands", handling("slash_commands", async ({ ack, body, accepts_response_payload }) => {
  if (body.text === "say") {
    await ack({ response_type: "ephemeral", text: "said in the acknowledgement" });
    return;
  }
  await web.views.open({ trigger_id: body.trigger_id, view: modal(JSON.stringify({ channel: body.channel_id })) });
  await ack();
  saw("command", { command: body.command, channel: body.channel_name, user: body.user_name, accepts_response_payload,
    again: await errorOf(web.views.open({ trigger_id: body.trigger_id, view: modal("") })) });
}));

socket.on("interactive", handling("interactive", async ({ ack, body }) => {
  switch (body.type) {
    case "view_submission": {
      const { word, day } = body.view.state.values;
      if (word.word.value === "wrong") {
        await ack({ response_action: "errors", errors: { word: "Another word, please." } });
        return;
      }
      await ack({ response_action: "update", view: note("working") });
      const { channel } = JSON.parse(body.view.private_metadata);
      const posted = await web.chat.postMessage({ channel, text: "root", unfurl_links: false,
        blocks: [{ type: "section", block_id: "root", text: { type: "mrkdwn", text: `*${word.word.value}*`, verbatim: true } }] });
      const reply = await web.chat.postMessage({ channel, thread_ts: posted.ts, text: "reply", blocks: [
        { type: "actions", block_id: "more", elements: [{ type: "button", action_id: "more", text: plain("More"), value: "1" }] }] });
      await web.chat.update({ channel, ts: posted.ts, text: "root, edited" });
      const link = await web.chat.getPermalink({ channel, message_ts: reply.ts });
      await web.views.update({ view_id: body.view.id, view: note(`done: ${word.word.value} ${day.day.selected_option?.value}`) });
      saw("submission", { thread: reply.message.thread_ts === posted.ts, permalink: link.permalink.includes(`thread_ts=${posted.ts}`) });
      return;
    }
    case "view_closed":
      await ack();
      saw("closed", { callback: body.view.callback_id, inputs: body.view.blocks.length });
      return;
    case "message_action": {
      await ack();
      const { channel: info } = await web.conversations.info({ channel: body.channel.id });
      const { user } = await web.users.info({ user: body.user.id });
      await web.chat.postEphemeral({ channel: body.channel.id, user: body.user.id, text: `${info.name}, ${user.name}, ${user.tz}` });
      const answered = await fetch(body.response_url, { method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ text: "by the response URL" }) });
      saw("shortcut", { callback: body.callback_id, text: body.message.text, response: answered.status, shared: info.is_ext_shared });
      return;
    }
    case "block_actions": {
      await ack();
      const [action] = body.actions;
      await web.views.open({ trigger_id: body.trigger_id, view: modal("{}") });
      saw("pressed", { action: action.action_id, value: action.value, thread: body.container.thread_ts !== undefined });
      return;
    }
    default:
      await ack();
      saw("unexpected", { type: body.type });
  }
}));

socket.on("app_mention", handling("app_mention", async ({ ack, event, body }) => {
  await ack();
  const { messages = [] } = await web.conversations.replies({ channel: event.channel, ts: event.thread_ts ?? event.ts })
    .catch((e) => ({ messages: [e.data?.error] }));
  saw("mention", { team: body.team_id, user: event.user, replies: messages[0] });
  const started = Date.now();
  await web.chat.postMessage({ channel: event.channel, thread_ts: event.ts, text: "you called" });
  saw("answered", { waited: Date.now() - started >= 1000 });
}));

socket.on("app_home_opened", handling("app_home_opened", async ({ ack, event }) => {
  await ack();
  await web.views.publish({ user_id: event.user, view: { type: "home", blocks: [{ type: "section", text: plain("at home") }] } });
  saw("home", { tab: event.tab });
}));

socket.on("connected", () => saw("connected"));
socket.on("reconnecting", () => saw("reconnecting"));

process.on("SIGTERM", async () => {
  await socket.disconnect();
  saw("disconnected");
  process.exit(0);
});

const me = await web.auth.test();
saw("auth", { team: me.team, user: me.user_id, bot: me.bot_id });
saw("refusals", {
  channel: await errorOf(web.chat.postMessage({ channel: "C0NONE", text: "nobody reads this" })),
  member: await errorOf(web.chat.postMessage({ channel: "C0GEN", text: "nor this" })),
  blocks: await errorOf(web.chat.postMessage({ channel: "C0INC", text: "nor this", blocks: [{ type: "section" }] })),
  token: await errorOf(new WebClient("xoxb-nobody", { slackApiUrl, logger: quiet }).auth.test()),
  kind: await errorOf(new WebClient(botToken, { slackApiUrl, logger: quiet }).apps.connections.open()),
});
await socket.start();

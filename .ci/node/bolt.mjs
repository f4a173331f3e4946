// A small bot as one would write it with Bolt and jose: it acknowledges a submission with a small view and, unless PEER is
// "ack", verifies the token, posts a summary and updates the view. It is there to be measured beside ours.
import bolt from "@slack/bolt";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { SLACK_API_URL: slackApiUrl, SLACK_APP_TOKEN: appToken, SLACK_BOT_TOKEN: token, ISSUER: issuer, AUDIENCE: audience, JWKS_URL, PEER } = process.env;

const app = new bolt.App({ token, appToken, socketMode: true, logLevel: bolt.LogLevel.ERROR, clientOptions: { slackApiUrl } });
const keys = PEER === "ack" ? undefined : createRemoteJWKSet(new URL(JWKS_URL));

const plain = (text) => ({ type: "plain_text", text });
const note = (text) => ({ type: "modal", title: plain("Check a JWT"), blocks: [{ type: "section", text: plain(text) }] });

const shown = new Set(["iss", "aud", "exp", "nbf", "iat", "client_id", "scope"]);
const masked = new Set(["sub", "jti", "tenant_id"]);

// redacted shows the claims that may be shown, and masks or hides the others.
const redacted = (claims) => {
  const lines = Object.entries(claims).map(([name, value]) => {
    if (shown.has(name)) return `${name}: ${value}`;
    const s = String(value);
    return masked.has(name) ? `${name}: ${s.slice(0, 2)}…${s.slice(-2)}` : `${name}: hidden`;
  });
  return `${lines.join("\n").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}.`; // a text may not be empty
};

app.command("/jwt-check", async ({ ack }) => ack());

app.view("jwt_check", async ({ ack, view, client }) => {
  await ack({ response_action: "update", view: note("Checking …") });
  if (!keys) return;
  const [channel, thread_ts] = view.private_metadata.split(" ");
  let verdict = "Rejected";
  let claims = {};
  try {
    ({ payload: claims } = await jwtVerify(view.state.values.token.token.value.trim(), keys, { algorithms: ["RS256"], issuer, audience,
      requiredClaims: ["exp"] }));
    verdict = "Accepted";
  } catch {
    // the verdict says so
  }
  let said = "Posted to the thread.";
  try {
    await client.chat.postMessage({ channel, thread_ts, text: verdict, unfurl_links: false, unfurl_media: false, blocks: [
      { type: "header", text: plain(verdict) },
      { type: "section", text: { type: "mrkdwn", text: redacted(claims), verbatim: true } },
    ] });
  } catch {
    said = "Not posted.";
  }
  await client.views.update({ view_id: view.id, view: note(said) });
});

process.on("SIGTERM", () => process.exit(0));
await app.start();

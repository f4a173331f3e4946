// What the page knows, and how it asks the server: the state comes as a stream, what the person does goes as requests.

export let state = null; // as the server sent it last; only take puts another in its place

// page is what this page keeps for itself.
export const page = {
  user: new URLSearchParams(location.search).get("user") || "U0ANA",
  live: false, // has the event stream
  known: new Set(), // messages already announced or there from the start
  seen: new Map(), // channel -> last ts read
  drafts: new Map(), // person and channel or thread -> text in its box
  shown: "", // the address drawn last
};

// take puts the next state in place, and says whether it is the first that this person sees.
export function take(next) {
  const first = !state || state.me.id !== next.me.id;
  state = next;
  if (first) {
    page.known = new Set(next.channels.flatMap((c) => c.messages.map((m) => m.ts)));
    page.seen = new Map(next.channels.map((c) => [c.id, c.messages.at(-1)?.ts]));
  }
  return first;
}

export async function post(action, body) {
  try {
    const answer = await fetch("/ui/" + action, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Workspace": "1" },
      body: JSON.stringify({ user: page.user, ...body }),
    });
    const result = await answer.json();
    return result.ok || result.error || result.errors ? result : { ok: false, error: "That did not work. Try again." };
  } catch {
    return { ok: false, error: "The workspace does not answer. Is it still running?" };
  }
}

let events;

// listen opens the stream for page.user: received gets each state, lost is called whenever the stream breaks.
export function listen(received, lost) {
  events?.close();
  const source = (events = new EventSource("/ui/events?user=" + encodeURIComponent(page.user)));
  source.addEventListener("state", (event) => {
    page.live = true;
    received(JSON.parse(event.data));
  });
  source.onerror = () => {
    page.live = false;
    lost();
    // The browser reconnects by itself, except after an HTTP error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => source === events && listen(received, lost), 1500);
  };
}

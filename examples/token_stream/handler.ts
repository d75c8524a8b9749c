// Answers of a language model, token by token, in all tabs of a user. From the checkout:
//
//   deno run -A cli.ts start examples/token_stream/handler.ts --workers 1
//
// (one worker, as what was said is in its memory: see streams.ts), then open
// http://127.0.0.1:8383 in two tabs. STREAM_PORT moves the page; STREAM_GATEWAY is the
// host:port it connects to, if that is not port 8282 of the page's own host. The model is
// a timer: see model.ts.
//
// - A tab asks "prompt", and gets its answer when all of it was said; the tokens go to
//   all tabs of the user, as events.
// - A tab that comes later, or has missed something, asks "streams" for what was said so
//   far. Each token says where it begins, so that none counts twice.
// - "stop" is a request as any other: the connection stays, and so do all other tabs.
// - A tab that loses its connection gets what it missed when it is back. If the tab that
//   asked is closed, the others go on.
import type { Cluster, HandlerEvent, RequestEvent } from "@gatewayworker/core";
import { Page } from "../page.ts";
import { generate } from "./model.ts";
import { Streams } from "./streams.ts";

/** Longest prompt, in characters. */
const MAX_PROMPT = 500;

/** Longest name of a user. */
const MAX_NAME = 40;

const page = new Page({
  name: "Stream",
  file: new URL("index.html", import.meta.url),
});
const streams = new Streams();

export default function handle(
  event: HandlerEvent,
  cluster: Cluster,
): void | Promise<void> {
  switch (event.type) {
    case "start":
      return page.open();
    case "request":
      return answer(event, cluster);
    case "stop":
      streams.stopAll();
      return page.close();
  }
}

async function answer(event: RequestEvent, cluster: Cluster): Promise<void> {
  const { client, name } = event;
  const data = event.data();
  if (name === "enter") return await enter(event, data);
  const user = client.uid;
  if (user === undefined) return event.fail("enter-first");
  switch (name) {
    case "streams":
      return event.answer(streams.of(user));
    case "prompt":
      return begin(event, cluster, user);
    case "stop":
      return event.answer(streams.stop(user, data));
  }
}

/** Whoever says a name is that user: ask `authorize` who it is where that matters. */
async function enter(event: RequestEvent, name: unknown): Promise<void> {
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME) {
    return event.fail("bad-name");
  }
  await event.client.bindUid(name);
  event.answer(streams.of(name));
}

function begin(event: RequestEvent, cluster: Cluster, user: string): void {
  const prompt = event.data();
  if (typeof prompt !== "string" || prompt.trim() === "") {
    return event.fail("bad-prompt");
  }
  if (prompt.length > MAX_PROMPT) return event.fail("too-long", MAX_PROMPT);
  if (streams.isBusy(user)) return event.fail("busy");
  // The handler ends here, so that this tab can ask for other things meanwhile, and the
  // answer follows when all was said. A worker that is reloaded waits for that.
  event.detach(run(user, prompt.trim(), cluster));
}

/** Says the answer, token by token, to all tabs of the user. */
async function run(
  user: string,
  prompt: string,
  cluster: Cluster,
): Promise<{ id: string; state: string }> {
  const stream = streams.begin(user, prompt);
  const { id, stop } = stream;
  try {
    await cluster.notify({ uid: user }, "begun", { id, prompt });
    for await (const token of generate(prompt, stop.signal)) {
      const at = stream.text.length;
      stream.text += token;
      await cluster.notify({ uid: user }, "token", { id, at, token });
    }
    stream.state = "done";
  } catch {
    stream.state = stop.signal.aborted ? "stopped" : "failed";
  }
  const { state } = stream;
  await cluster.notify({ uid: user }, "ended", { id, state });
  return { id, state };
}

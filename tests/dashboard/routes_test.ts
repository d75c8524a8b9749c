/** The page's routes over HTTP, without a browser. @module */

import {
  assert,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { ClusterWatch } from "../../lib/dashboard/cluster_watch.ts";
import { eventStream } from "../../lib/dashboard/event_stream.ts";
import { eventually } from "../_support/eventually.ts";
import { CLUSTER, ServedDashboard } from "./served_dashboard.ts";

/** Reads an endless answer until it contains a word. */
async function readUntil(response: Response, word: string): Promise<string> {
  let text = "";
  const stream = response.body?.pipeThrough(new TextDecoderStream()) ?? [];
  for await (const chunk of stream) {
    text += chunk;
    if (text.includes(word)) break;
  }
  return text;
}

Deno.test("The page and its files are open, and let nothing in from elsewhere", async () => {
  await using served = await ServedDashboard.open("open-sesame");

  const page = await fetch(`${served.url}/`);
  const html = await page.text();
  const files = [...html.matchAll(/(?:href|src)="(\/[^"]+)"/g)];

  assertStringIncludes(
    page.headers.get("content-security-policy") ?? "",
    "default-src 'none'; script-src 'self'",
  );
  for (const [, path = ""] of files) {
    const { status, body } = await fetch(served.url + path);
    await body?.cancel();
    assertEquals([path, status], [path, 200]);
  }
  assert(files.length >= 5);
});

Deno.test("Every module of the page is served", async () => {
  await using served = await ServedDashboard.open("");
  const known = new Set(["/assets/app.js"]);

  for (const path of known) {
    const response = await fetch(served.url + path);
    const source = await response.text();
    assertEquals([path, response.status], [path, 200]);
    for (const [, file] of source.matchAll(/from "\.\/([\w.]+)"/g)) {
      known.add(`/assets/${file}`);
    }
  }

  assert(known.size >= 10);
});

Deno.test("/events tells what is, and ends when the server does", async () => {
  const served = await ServedDashboard.open("");
  const response = await fetch(`${served.url}/events`);
  const text = await readUntil(response, "event: snapshot");
  const other = await fetch(`${served.url}/events`);

  await served[Symbol.asyncDispose]();
  await other.text();

  assertStringIncludes(
    text,
    'event: hello\ndata: {"hasToken":false,"points":[',
  );
  assertStringIncludes(text, '"clients":5');
});

Deno.test("/events tells how old a snapshot is, and tells it again while nobody knows more", async () => {
  let isKnown = true;
  const ask = () => Promise.resolve(isKnown ? CLUSTER : undefined);
  using watch = new ClusterWatch(ask, 50);
  watch.start();
  await eventually("there was a look", () => watch.snapshot !== undefined);
  isKnown = false;
  const { body } = eventStream(watch, true);
  const ages: number[] = [];
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const [, age] = /"age":(\d+)}/.exec(text) ?? [];
    if (age !== undefined) ages.push(Number(age));
    if (ages.length === 3) break;
  }

  const [first = 0, , third = 0] = ages;
  assertLess(first + 50, third);
});

Deno.test("Pages that are closed make room for others; too many are refused", async () => {
  await using served = await ServedDashboard.open("");
  const open = async () => await fetch(`${served.url}/events`);
  const head = await fetch(`${served.url}/events`, { method: "HEAD" });

  const pages = await Promise.all(Array.from({ length: 64 }, open));
  const refused = await open();
  const [first] = pages;
  await first?.body?.cancel();
  await eventually("there is room again", async () => {
    const { status, body } = await open();
    await body?.cancel();
    return status === 200;
  });

  assertEquals([head.status, refused.status], [200, 503]);
  for (const { body } of [refused, ...pages.slice(1)]) await body?.cancel();
});

Deno.test("What the page shows needs the token, where there is one", async () => {
  await using served = await ServedDashboard.open("open-sesame");

  for (const path of ["/events", "/lookup?subject=ada", "/busiest"]) {
    const { status, body } = await fetch(served.url + path);
    await body?.cancel();
    assertEquals([path, status], [path, 401]);
  }
  const refused = await served.post("/close", { id: "x" }, "guess");
  await refused.body?.cancel();

  assertEquals([refused.status, served.closed], [401, []]);
});

Deno.test("Where there is no token, the page shows nothing of clients, nor what roles logged", async () => {
  await using served = await ServedDashboard.open("");
  await using known = await ServedDashboard.open("open-sesame");

  for (const path of ["/lookup?subject=ada", "/busiest"]) {
    const { status, body } = await fetch(served.url + path);
    await body?.cancel();
    assertEquals([path, status], [path, 403]);
  }
  const refused = await served.post("/close", { id: "x" });
  await refused.body?.cancel();
  const response = await served.get("/events");
  const shown = await readUntil(response, "event: snapshot");
  const all = await readUntil(await known.get("/events"), "event: snapshot");

  assertEquals([refused.status, served.closed], [403, []]);
  assertEquals([shown, all].map((text) => text.includes("of Ada")), [
    false,
    true,
  ]);
});

Deno.test("/lookup shows the keys of a session, not what is in it", async () => {
  await using served = await ServedDashboard.open("open-sesame");

  const response = await served.get("/lookup?subject=ada");
  const text = await response.text();

  assertStringIncludes(text, '"sessionKeys":["nickname"]');
  assertEquals(text.includes("secret"), false);
});

Deno.test("/lookup shows members of a group, and how many there are", async () => {
  await using served = await ServedDashboard.open("open-sesame");

  const response = await served.get("/lookup?group=lobby");
  const { total, clients } = await response.json();
  const wrong = await served.get("/lookup");
  await wrong.body?.cancel();

  assertEquals([total, clients.length, clients[0].uid], [30, 1, "ada"]);
  assertEquals(wrong.status, 400);
});

Deno.test("/close closes a client", async () => {
  await using served = await ServedDashboard.open("open-sesame");

  const done = await served.post("/close", { id: "x" }, "open-sesame");
  const wrong = await served.post("/close", { id: 7 }, "open-sesame");
  await wrong.body?.cancel();

  assertEquals(await done.json(), { closed: true });
  assertEquals([wrong.status, served.closed], [400, ["x"]]);
});

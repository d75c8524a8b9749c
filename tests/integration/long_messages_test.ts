import { assertEquals, assertGreater } from "@std/assert";
import type { Handler } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { LogLines } from "../_support/log_lines.ts";
import type { TestClient } from "../_support/test_client.ts";

/** Lengths of one client's messages: around all that memory is made for, and short ones between. */
const LENGTHS = [
  20,
  2_047,
  2_048,
  8_191,
  8_192,
  65_536,
  300,
  66_545,
  131_072,
  20,
  1_048_576,
  3_000_000,
  9_000,
  70_000,
];

/** A text of that length whose every part says whose it is. */
function textOf(client: number, number: number, length: number): string {
  const mark = `${client}:${number}ä;`;
  return mark.repeat(Math.ceil(length / mark.length)).slice(0, length);
}

function pause(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}

async function sendAll(client: TestClient, index: number): Promise<void> {
  for (const [number, length] of LENGTHS.entries()) {
    client.send(textOf(index, number, length));
    await pause(2);
  }
}

/** What a client should hear, in order. */
function answersTo(index: number): string[] {
  return LENGTHS.map((length, number) => textOf(index, number, length));
}

/**
 * Answers with what came, at once or later, and counts in the session; keeps what it read
 * and the bytes.
 */
function answering(kept: [string, Uint8Array][]): Handler {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return async (event, cluster) => {
    if (event.type !== "message") return;
    const { session } = event.client;
    const count = session["count"] = Number(session["count"] ?? 0) + 1;
    const bytes = event.bytes();
    if (count % 2 === 0) {
      const view = event.view();
      await pause(count % 6 === 0 ? 450 : 3);
      kept.push([decoder.decode(view), bytes]);
      return event.text();
    }
    kept.push([event.text(), bytes]);
    if (count % 3 === 0) {
      await cluster.sendToClient(event.client.id, event.text());
      return;
    }
    return event.text();
  };
}

Deno.test("long messages go to handlers and back whole, beside short ones, whatever handlers keep of them", async () => {
  const kept: [string, Uint8Array][] = [];
  await using cluster = await startCluster({
    workers: 2,
    handler: answering(kept),
  });
  const clients = await Promise.all(
    Array.from({ length: 4 }, () => cluster.connect()),
  );

  await Promise.all(clients.map(sendAll));

  for (const [index, client] of clients.entries()) {
    const heard = await client.hearAll(LENGTHS.length);
    assertEquals(heard.map((text) => text.length), [...LENGTHS]);
    assertEquals(heard.every((text, i) => text === answersTo(index)[i]), true);
  }
  await cluster.settled();
  const decoder = new TextDecoder();
  assertEquals(kept.length, 4 * LENGTHS.length);
  assertEquals(
    kept.every(([text, bytes]) => decoder.decode(bytes) === text),
    true,
  );
});

Deno.test("long messages of a worker that is lost come to another one whole, in order", async () => {
  const kept: [string, Uint8Array][] = [];
  let redelivered = 0;
  const handler = answering(kept);
  await using _lines = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: (event, api) => {
      if (event.type === "message" && event.redelivered) redelivered++;
      return handler(event, api);
    },
  });
  const { kill } = await cluster.addFragileWorker((event) =>
    event.type === "message" ? new Promise(() => {}) : undefined
  );
  const clients = await Promise.all(
    Array.from({ length: 3 }, () => cluster.connect()),
  );
  await Promise.all(clients.map(sendAll));

  await cluster.addWorker();
  kill();

  for (const [index, client] of clients.entries()) {
    const heard = await client.hearAll(LENGTHS.length);
    assertEquals(heard.every((text, i) => text === answersTo(index)[i]), true);
  }
  await cluster.settled();
  assertGreater(redelivered, 0);
});

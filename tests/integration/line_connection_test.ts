import { assertEquals } from "@std/assert";
import type { LineConnection } from "../../lib/roster/line_connection.ts";
import { LineListener } from "../../lib/roster/line_listener.ts";
import { LinePeer } from "../_support/line_peer.ts";
import { trustingListener } from "../_support/peer_listener.ts";

const encodeLine = (text: string) => new TextEncoder().encode(`${text}\n`);

async function connectPair(): Promise<[LineConnection, LinePeer]> {
  using listener = new LineListener(trustingListener());
  const peer = await LinePeer.dial(listener.addr);
  for await (const connection of listener.accept()) return [connection, peer];
  throw new Deno.errors.UnexpectedEof("nobody came");
}

Deno.test("LineConnection.send() keeps the newest of the lines that wait", async () => {
  const [connection, peer] = await connectPair();
  await using _ = connection;
  using __ = peer;

  for (const text of ["one", "two", "three"]) connection.send(encodeLine(text));

  assertEquals(await peer.hear(), "one");
  assertEquals(await peer.hear(), "three");
});

Deno.test("LineConnection.close() sends what waits, however slowly the peer reads", async () => {
  const [connection, peer] = await connectPair();
  await using _ = connection;
  using __ = peer;
  const long = "x".repeat(1_000_000);

  connection.send(encodeLine(long));
  connection.send(encodeLine("farewell"));
  const closed = connection.close();

  assertEquals((await peer.hear())?.length, long.length);
  assertEquals(await peer.hear(), "farewell");
  await peer.hearEnd();
  await closed;
});

Deno.test("LineConnection.destroy() ends a write that the peer does not read", async () => {
  const [connection, peer] = await connectPair();
  using _ = peer;
  connection.send(encodeLine("x".repeat(32_000_000)));

  await connection[Symbol.asyncDispose]();

  assertEquals(connection.writeInFlight, 0);
});

Deno.test("LineConnection.lines() ends when either side does", async () => {
  const [connection, peer] = await connectPair();
  await using _ = connection;
  await peer.say("last words");
  const heard: string[] = [];

  for await (const line of connection.lines()) {
    heard.push(line);
    peer[Symbol.dispose]();
  }

  assertEquals(heard, ["last words"]);
});

Deno.test("LineListener.accept() ends when the listener is closed", async () => {
  const listener = new LineListener(trustingListener());
  const coming = listener.accept().next();

  listener.close();
  listener.close();

  assertEquals((await coming).done, true);
});

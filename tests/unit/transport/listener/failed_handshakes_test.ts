import { assert } from "@std/assert";
import { text } from "../_feed.ts";

/** Listens, has handshakes fail, and ends when nothing is kept of them. */
const FAILED_HANDSHAKES = `
const { ClientListener } = await import(Deno.args[0]);
const { TEST_CERT: cert, TEST_KEY: key } = await import(Deno.args[1]);
const options = { cert, key, handshakeTimeout: 50 };
const listener = new ClientListener("wss://127.0.0.1:0", options, () => ({}));
await listener.listening;
const { port } = listener.addr;
const heap = () => (gc(), Deno.memoryUsage().heapUsed);
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const fail = async (count) => {
  while (count-- > 0) {
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    client.close();
  }
  while (listener.connections > 0) await pause(10);
};
await fail(100);
await pause(100);
const before = heap();
await fail(400);
while (heap() - before > 1_000_000) await pause(50);
Deno.exit(0);
`;

Deno.test("nothing is kept of handshakes that failed when their time is over", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--v8-flags=--expose-gc",
      FAILED_HANDSHAKES,
      import.meta.resolve("../../../../lib/transport/listener/listener.ts"),
      import.meta.resolve("../_certificate.ts"),
    ],
    signal: AbortSignal.timeout(20_000),
  });

  const { success, stderr } = await child.output();

  assert(success, `It kept too much for 20 s: ${text(stderr)}`);
});

import { assertEquals } from "@std/assert";
import { Supervised } from "../../../lib/process/supervised.ts";

const NOBODY = { writeSync: (bytes: Uint8Array) => bytes.length };

Deno.test("Supervised.orders() yields orders cut anywhere and ends with its supervisor", async () => {
  const bytes = new TextEncoder().encode(
    '{"command":"stop"}\n{"command":"later"}\n{"command":"stop"}\n',
  );

  for (const size of [1, 5, bytes.length]) {
    const input = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += size) {
          controller.enqueue(bytes.slice(at, at + size));
        }
        controller.close();
      },
    });
    await using supervised = new Supervised({ input, output: NOBODY });

    const orders = await Array.fromAsync(supervised.orders());

    assertEquals(orders, [{ command: "stop" }, { command: "stop" }]);
  }
});

Deno.test("Supervised.orders() ends when it is disposed", async () => {
  const supervised = new Supervised({
    input: new ReadableStream<Uint8Array>(),
    output: NOBODY,
  });
  const orders = Array.fromAsync(supervised.orders());

  await supervised[Symbol.asyncDispose]();

  assertEquals(await orders, []);
});

Deno.test("Supervised.report() writes all of it even if the pipe takes little at a time", () => {
  const written: number[] = [];
  const supervised = new Supervised({
    input: new ReadableStream<Uint8Array>(),
    output: {
      writeSync(bytes) {
        written.push(...bytes.subarray(0, 3));
        return Math.min(3, bytes.length);
      },
    },
  });

  supervised.report({ report: "asked" });

  const text = new TextDecoder().decode(new Uint8Array(written));
  assertEquals(text, '\x1e{"report":"asked"}\n');
});

import { assertEquals, assertRejects } from "@std/assert";
import {
  encodeIntroduction,
  reportMarker,
} from "../../../lib/process/channel.ts";
import { SupervisedHost } from "../../../lib/process/host.ts";
import {
  Supervised,
  SupervisedError,
} from "../../../lib/process/supervised.ts";
import { eventually } from "../../_support/eventually.ts";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { LogLines } from "../../_support/log_lines.ts";

const NOBODY = { writeSync: (bytes: Uint8Array) => bytes.length };

/** A supervisor's end: what it says, in pieces of some size, and then for ever nothing. */
function inputOf(text: string, size = 1_000): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) {
        controller.enqueue(bytes.slice(at, at + size));
      }
    },
  });
}

/** Keeps what is written, so many bytes at a time. */
class Written {
  readonly #bytes: number[] = [];
  readonly #most: number;

  constructor(most = Infinity) {
    this.#most = most;
  }

  get text(): string {
    return new TextDecoder().decode(new Uint8Array(this.#bytes));
  }

  writeSync(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, this.#most);
    this.#bytes.push(...taken);
    return taken.length;
  }
}

Deno.test("Supervised.orders() yields orders cut anywhere and ends with its supervisor", async () => {
  const bytes = new TextEncoder().encode(
    '{"token":"x"}\n{"command":"stop"}\n{"command":"later"}\n{"command":"stop"}\n',
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
    await using supervised = await Supervised.open({ input, output: NOBODY });

    const orders = await Array.fromAsync(supervised.orders());

    assertEquals(orders, [{ command: "stop" }, { command: "stop" }]);
  }
});

Deno.test("Supervised.orders() ends when it is disposed", async () => {
  const supervised = await Supervised.open({
    input: inputOf(encodeIntroduction({ token: "x", waits: false })),
    output: NOBODY,
  });
  const orders = Array.fromAsync(supervised.orders());

  await supervised[Symbol.asyncDispose]();

  assertEquals(await orders, []);
});

Deno.test("Supervised.orders() rejects a line without end", async () => {
  await using supervised = await Supervised.open({
    input: inputOf(
      encodeIntroduction({ token: "x", waits: false }) + "x".repeat(1_100_000),
      100_000,
    ),
    output: NOBODY,
  });

  await assertRejects(
    () => Array.fromAsync(supervised.orders()),
    ProtocolError,
  );
});

Deno.test("Supervised.open() rejects a supervisor that does not say what reports begin with", async () => {
  await assertRejects(
    () => Supervised.open({ input: inputOf('{"command":"stop"}\n') }),
    SupervisedError,
    "start it anew",
  );
});

Deno.test("Supervised.report() writes all of it, behind its secret, even if the pipe takes little at a time", async () => {
  const output = new Written(3);
  await using supervised = await Supervised.open({
    input: inputOf(encodeIntroduction({ token: "secret", waits: false })),
    output,
  });

  supervised.report({ report: "asked" });

  assertEquals(output.text, `${reportMarker("secret")}{"report":"asked"}\n`);
});

Deno.test("SupervisedHost hears the order to stop while it answers, and outlives what it cannot answer", async () => {
  await using log = await LogLines.collect();
  const output = new Written();
  const asked = [1, 2, 3].map((id) =>
    `{"command":"ask","id":${id},"question":${id}}\n`
  );
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const input = new ReadableStream<Uint8Array>({
    start: (controller) => void (feed = controller),
  });
  const say = (text: string) => feed?.enqueue(new TextEncoder().encode(text));
  say(encodeIntroduction({ token: "s", waits: false }));
  await using host = await SupervisedHost.open({ input, output });
  host.onAsk = (question) => {
    if (question === 1) return new Promise(() => {});
    if (question === 2) throw new TypeError("Cannot say");
    return 1n;
  };

  say(`${asked.join("")}{"command":"stop"}\n`);
  await eventually("the order is heard", () => host.stop.aborted);
  await eventually("both are told", () => log.lines.length === 2);

  assertEquals(output.text, "");
});

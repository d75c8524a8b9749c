import {
  FAULT_SIZE,
  FAULT_TEXT,
} from "../../../../../lib/transport/websocket/frames/websocket_frame.ts";
import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { constants, createDeflateRaw, deflateRawSync } from "node:zlib";
import {
  Inflation,
  STEP,
  STEP_INPUT,
} from "../../../../../lib/transport/websocket/deflate/inflation.ts";
import { Inflater } from "../../../../../lib/transport/websocket/deflate/zlib_stream.ts";
import { bytes, concat } from "../../_feed.ts";
import { inflateWhole } from "../../_inflate.ts";

const LIMIT = 1_000_000;

interface Rules {
  readonly limit?: number;
  readonly binary?: boolean;
}

/** Compresses as another implementation would. */
function deflate(source: Uint8Array): Uint8Array {
  const whole = deflateRawSync(source, { finishFlush: 2 });
  return new Uint8Array(whole.subarray(0, -4));
}

/** Bytes that cannot be compressed. */
function noise(length: number): Uint8Array {
  const source = new Uint8Array(length);
  let seed = length + 1;
  for (let i = 0; i < length; i++) {
    seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0;
    source[i] = seed >>> 16;
  }
  return source;
}

/** Decompresses, and writes down how much each step made. */
function inflate(payload: Uint8Array, rules: Rules = {}) {
  const { limit = LIMIT, binary = true } = rules;
  const inflater = new Inflater();
  const source = payload.slice();
  const end = source.length;
  const inflation = new Inflation(inflater, source, 0, end, { limit, binary });
  const target = new Uint8Array(limit + 1);
  const steps: number[] = [];
  for (let isOver = false; !isOver;) {
    const before = inflation.length;
    // As if the buffer that it came in was used again.
    inflation.detach();
    source.fill(0xee);
    isOver = inflation.step(target);
    steps.push(inflation.length - before);
  }
  inflater.close();
  const message = target.subarray(0, inflation.length);
  return { steps, message, fault: inflation.fault };
}

Deno.test("Inflation makes no more than its step at a time", () => {
  const source = bytes("something to say, ".repeat(10_000));

  const { steps, message, fault } = inflate(deflate(source));

  assertEquals(fault, undefined);
  assertEquals(message, source);
  assert(steps.every((made) => made <= STEP), String(steps));
  assertEquals(steps.length, Math.ceil(source.length / STEP));
});

Deno.test("Inflation takes no more than its step of input at a time", () => {
  const payload = deflate(noise(100_000));

  const { steps, message } = inflate(payload);

  assertEquals(message, noise(100_000));
  assertEquals(steps.length, Math.ceil(payload.length / STEP_INPUT));
});

Deno.test("Inflation stops now and then where every two bytes begin anew", () => {
  // An empty block that says it is the last one, again and again.
  const payload = new Uint8Array(2_048).map((_, i) => i % 2 === 0 ? 3 : 0);

  const { steps, message, fault } = inflate(payload);

  assertEquals(fault, undefined);
  assertEquals(message.length, 0);
  assert(steps.length >= 16, `took ${steps.length} steps`);
});

Deno.test("Inflation takes its limit, and no byte more, however many steps it takes", () => {
  for (const limit of [10, STEP - 1, STEP, STEP + 1, 3 * STEP]) {
    const atLimit = inflate(deflate(new Uint8Array(limit)), { limit });
    const past = inflate(deflate(new Uint8Array(limit + 1)), { limit });

    assertEquals(atLimit.fault, undefined);
    assertEquals(atLimit.message.length, limit);
    assertEquals(past.fault, FAULT_SIZE);
  }
});

Deno.test("Inflation makes one byte beyond its limit at most of a bomb", () => {
  const bomb = deflate(new Uint8Array(20_000_000));

  const { steps, fault, message } = inflate(bomb, { limit: 100_000 });

  assertEquals(fault, FAULT_SIZE);
  assertEquals(message.length, 100_001);
  assertEquals(steps.length, Math.ceil(100_001 / STEP));
});

Deno.test("Inflation finds what cannot be decompressed in a later step", () => {
  // A block of the third kind, which there is not.
  const payload = concat(
    deflate(new Uint8Array(100_000)),
    Uint8Array.of(0, 0, 0, 0xff, 0xff, 0xff, 0xff),
  );

  const { steps, fault } = inflate(payload);

  assertEquals(fault?.code, 1007);
  assertEquals(fault?.reason, "message cannot be decompressed");
  assertEquals(steps.length, Math.ceil(100_000 / STEP));
});

Deno.test("Inflation finds text that is not UTF-8 in the step that it is in", () => {
  const source = bytes("a".repeat(300_000));
  source[STEP + 5] = 0xff;

  const { steps, fault } = inflate(deflate(source), { binary: false });

  assertEquals(fault, FAULT_TEXT);
  assertEquals(steps.length, 2);
});

Deno.test("Inflation finds text that ends inside a character", () => {
  const source = bytes(`${"a".repeat(2 * STEP)}ü`).subarray(0, -1);

  assertEquals(inflate(deflate(source), { binary: false }).fault, FAULT_TEXT);
  assertEquals(inflate(deflate(source)).fault, undefined);
});

Deno.test("Inflation takes text with a character across two steps", () => {
  for (const [shift, character] of [[1, "ü"], [2, "€"], [1, "€"], [3, "😀"]]) {
    const text = "a".repeat(STEP - Number(shift)) + character + "b";

    const result = inflate(deflate(bytes(text)), { binary: false });

    assertEquals(result.fault, undefined);
    assertEquals(result.message, bytes(text));
  }
});

Deno.test("Inflation says what the runtime's own function says", () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.constantFrom(noise(9_000), new Uint8Array(70_000), bytes("ü€😀")),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const source = concat(...parts);
      const { fault, message, steps } = inflate(deflate(source));
      assertEquals(fault, undefined);
      assertEquals(message.length, source.length);
      assert(message.every((byte, i) => byte === source[i]));
      assertLess(Math.max(...steps), STEP + 1);
    }),
    { numRuns: 40 },
  );
});

/** How a client's deflater may end a message. */
const END = {
  /** As the standard has it: flushed, without the tail. */
  sync: { flush: constants.Z_SYNC_FLUSH, cut: 4, more: [] },
  /** The tail is left where it is. */
  syncWhole: { flush: constants.Z_SYNC_FLUSH, cut: 0, more: [] },
  /** Nothing before it is referred to any more. */
  full: { flush: constants.Z_FULL_FLUSH, cut: 4, more: [] },
  /** The last block says so, and a zero follows (RFC 7692, 7.2.3.4). */
  finish: { flush: constants.Z_FINISH, cut: 0, more: [0] },
  /** The last block says so, and that is all. */
  finishBare: { flush: constants.Z_FINISH, cut: 0, more: [] },
} as const;

/** A client's deflater of `node:zlib`, which keeps its context as long as it can. */
class NodeDeflater {
  #stream = createDeflateRaw();

  async message(
    source: Uint8Array,
    how: keyof typeof END,
    memLevel: number,
  ): Promise<Uint8Array> {
    const { flush, cut, more } = END[how];
    const stream = this.#stream;
    const chunks: Uint8Array[] = [];
    stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
    const { promise, resolve } = Promise.withResolvers<void>();
    if (source.length > 0) stream.write(source);
    if (flush === constants.Z_FINISH) {
      stream.once("end", resolve);
      stream.end();
    } else stream.flush(flush, () => resolve());
    await promise;
    stream.removeAllListeners("data");
    // Whoever has ended begins anew.
    if (flush === constants.Z_FINISH) {
      this.#stream = createDeflateRaw({ memLevel });
    }
    const whole = Buffer.concat(chunks);
    const payload = whole.subarray(0, whole.length - cut);
    return concat(payload, Uint8Array.from(more));
  }
}

Deno.test("Inflation understands every message of a client, however its deflater ends them", async () => {
  const message = fc.record({
    source: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.constantFrom(
        bytes("the same again and again"),
        noise(40_000),
        new Uint8Array(70_000),
      ),
    ),
    how: fc.constantFrom(...Object.keys(END) as (keyof typeof END)[]),
    memLevel: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(message, { maxLength: 8 }), async (messages) => {
      const inflater = new Inflater();
      const client = new NodeDeflater();
      for (const { source, how, memLevel } of messages) {
        const payload = await client.message(source, how, memLevel);
        const inflated = inflateWhole(inflater, payload, LIMIT);
        assert(inflated instanceof Uint8Array, `${how}: ${inflated}`);
        assertEquals([how, inflated.length], [how, source.length]);
        assert(inflated.every((byte, i) => byte === source[i]), how);
      }
      inflater.close();
    }),
    { numRuns: 60 },
  );
});

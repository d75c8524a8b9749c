import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import {
  type DeflateOptions,
  Deflater,
  Inflater,
  insideOf,
} from "../../../../../lib/transport/websocket/deflate/zlib_stream.ts";
import { bytes, concat, text } from "../../_feed.ts";
import { inflateWhole } from "../../_inflate.ts";

const MAX = 2_000_000;

/** The tail that RFC 7692 leaves out. */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

function deflater(options: Partial<DeflateOptions> = {}) {
  const stream = new Deflater({ windowBits: 15, level: 6, ...options });
  return {
    [Symbol.dispose]: () => stream.close(),
    stream,
    deflate: (source: Uint8Array) => stream.deflate(source, 0, source.length),
  };
}

function inflater() {
  const stream = new Inflater();
  return {
    [Symbol.dispose]: () => stream.close(),
    stream,
    inflate: (source: Uint8Array, limit = MAX) =>
      inflateWhole(stream, source, limit),
  };
}

/** What the runtime's own function makes of a payload. */
function inflateByRuntime(payload: Uint8Array): Uint8Array {
  return new Uint8Array(
    inflateRawSync(concat(payload, TAIL), { finishFlush: 2 }),
  );
}

/** A payload as another implementation would make it. */
function deflateByRuntime(source: Uint8Array): Uint8Array {
  const whole = deflateRawSync(source, { finishFlush: 2 });
  return new Uint8Array(whole.subarray(0, -4));
}

/** Bytes that cannot be compressed. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const source = new Uint8Array(length);
  let seed = length + 1;
  for (let i = 0; i < length; i++) {
    seed = Math.imul(seed, 1_103_515_245) + 12_345 >>> 0;
    source[i] = seed >>> 16;
  }
  return source;
}

for (const windowBits of [8, 9, 12, 15]) {
  Deno.test(`Deflater makes what other implementations read, with ${windowBits} window bits`, () => {
    using ours = deflater({ windowBits });

    for (
      const source of [bytes("Hello"), noise(3_000), new Uint8Array(9_999)]
    ) {
      assertEquals(inflateByRuntime(ours.deflate(source)), source);
      ours.stream.reset();
    }
  });
}

Deno.test("Deflater refers back no further than its window", () => {
  const source = concat(noise(300), noise(300));
  const sizes = [8, 9, 10].map((windowBits) => {
    using ours = deflater({ windowBits });
    return ours.deflate(source).length;
  });

  const [eight = 0, nine = 0, ten = 0] = sizes;
  assert(eight >= 600 && nine >= 600 && ten < 400, String(sizes));
});

Deno.test("Deflater refers to earlier messages until it is reset", () => {
  using ours = deflater();
  const source = noise(500);

  const first = ours.deflate(source);
  const second = ours.deflate(source);
  ours.stream.reset();
  const third = ours.deflate(source);

  assert(second.length < 50, `took ${second.length} bytes`);
  assertEquals(third, first);
});

Deno.test("Deflater makes one zero byte of no bytes, again and again (RFC 7692, 7.2.3.6)", () => {
  using ours = deflater();

  assertEquals(ours.deflate(bytes("")), Uint8Array.of(0));
  ours.deflate(bytes("a"));
  assertEquals(ours.deflate(bytes("")), Uint8Array.of(0));
  assertEquals(ours.deflate(bytes("")), Uint8Array.of(0));
});

Deno.test("Deflater and Inflater agree at every size around their step", () => {
  using ours = deflater();
  using theirs = inflater();
  // Noise grows by five bytes for each 64 KiB, so these end around 1 MiB too.
  for (const base of [65_505, 65_536, 262_100, 1_048_490, 1_048_576]) {
    const reach = base > 1_000_000 ? 4 : 20;
    for (let length = base - reach; length <= base + reach; length++) {
      const source = noise(length);
      const message = theirs.inflate(ours.deflate(source));
      assert(message instanceof Uint8Array, String(message));
      assertEquals(message.length, length);
      assertEquals(message.at(-1), source.at(-1));
    }
  }
});

for (
  const [what, payload, message] of [
    ["one block", [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], "Hello"],
    [
      "an uncompressed block",
      [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
      "Hello",
    ],
    [
      "a block that says it is the last",
      [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
      "Hello",
    ],
    [
      "two blocks",
      [0xf2, 0x48, 0x05, 0, 0, 0, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
      "Hello",
    ],
    [
      "two blocks that each say they are the last",
      [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        .concat([0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00]),
      "HelloHello",
    ],
    ["an empty block", [0x00], ""],
  ] as const
) {
  Deno.test(`Inflater reads ${what} (RFC 7692, 7.2.3)`, () => {
    using ours = inflater();

    const inflated = ours.inflate(Uint8Array.from(payload));

    assert(inflated instanceof Uint8Array, String(inflated));
    assertEquals(text(inflated), message);
  });
}

Deno.test("Inflater reads what refers to earlier messages (RFC 7692, 7.2.3.2)", () => {
  using ours = inflater();

  ours.inflate(Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00));
  const second = ours.inflate(Uint8Array.of(0xf2, 0x00, 0x11, 0x00, 0x00));

  assert(second instanceof Uint8Array, String(second));
  assertEquals(text(second), "Hello");
});

Deno.test("Inflater takes its limit, and no byte more", () => {
  using ours = inflater();
  const payload = deflateByRuntime(new Uint8Array(1_000));

  assert(ours.inflate(payload, 1_000) instanceof Uint8Array);
  ours.stream.reset();
  assertEquals(ours.inflate(payload, 999), "message too big");
});

Deno.test("Inflater says of junk that it is invalid, and is fine after a reset", () => {
  using ours = inflater();

  assertEquals(
    ours.inflate(Uint8Array.of(0xff, 0xff, 1, 2, 3)),
    "message cannot be decompressed",
  );
  ours.stream.reset();

  const inflated = ours.inflate(deflateByRuntime(bytes("fine")));
  assert(inflated instanceof Uint8Array);
  assertEquals(text(inflated), "fine");
});

Deno.test("Inflater never takes bytes that the runtime's own function refuses", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (source) => {
      using ours = inflater();
      const inflated = ours.inflate(source);
      if (!(inflated instanceof Uint8Array)) return;
      // Ours goes on after a last block, where the other stops.
      const reference = inflateByRuntime(source);
      assertEquals(inflated.slice(0, reference.length), reference);
    }),
    { numRuns: 300 },
  );
});

Deno.test("Inflater reads what Deflater made, in any order of messages", () => {
  const message = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(noise(70_000), new Uint8Array(200_000), bytes("Hello")),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
      using ours = deflater();
      using theirs = inflater();
      for (const source of messages) {
        const inflated = theirs.inflate(ours.deflate(source));
        assert(inflated instanceof Uint8Array);
        assert(inflated.length === source.length);
        assert(inflated.every((byte, i) => byte === source[i]));
      }
    }),
    { numRuns: 40 },
  );
});

Deno.test("insideOf() says what a runtime lacks whose streams are another", () => {
  const method = () => {};
  const handle = { writeSync: method, reset: method, close: method };
  const state = new Uint32Array(2);

  insideOf({ _handle: handle, _writeState: state });
  for (
    const [stream, found] of [
      [{}, "another _handle"],
      [{ _handle: null, _writeState: state }, "another _handle"],
      [{ _handle: { reset: method }, _writeState: state }, "another _handle"],
      [{ _handle: handle }, "another _writeState"],
      [{ _handle: handle, _writeState: [0, 0] }, "another _writeState"],
    ] as const
  ) {
    assertThrows(
      () => insideOf(stream),
      TypeError,
      `this runtime's has ${found}`,
    );
  }
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { unmask } from "../../../../../lib/transport/websocket/frames/websocket_mask.ts";

Deno.test("unmask() does what RFC 6455, 5.3 says, at any alignment and phase", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 130 }),
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(9),
      fc.nat(7),
      (payload, key, offset, phase) => {
        const buffer = new Uint8Array(new ArrayBuffer(163), offset, 150);
        const start = 5;
        buffer.fill(0xee);
        buffer.set(key, 1);
        payload.forEach((byte, i) =>
          buffer[start + i] = byte ^ (key[(phase + i) & 3] ?? 0)
        );

        const high = unmask(buffer, start, start + payload.length, 1, phase);

        assertEquals(buffer.slice(start, start + payload.length), payload);
        assertEquals(buffer.subarray(1, 5), key);
        assertEquals(buffer[start + payload.length], 0xee);
        assertEquals(high !== 0, payload.some((byte) => byte > 0x7f));
      },
    ),
    { numRuns: 2_000 },
  );
});

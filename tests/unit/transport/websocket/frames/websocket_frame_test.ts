import { assertEquals } from "@std/assert";
import {
  CLOSE_NO_STATUS,
  encodeClose,
  encodeFrame,
  headerSize,
  Opcode,
  webSocketCodec,
  writeHeader,
} from "../../../../../lib/transport/websocket/frames/websocket_frame.ts";
import { bytes, concat } from "../../_feed.ts";

const HEADERS: [length: number, header: number[]][] = [
  [0, [0x82, 0]],
  [125, [0x82, 125]],
  [126, [0x82, 126, 0, 126]],
  [65_535, [0x82, 126, 255, 255]],
  [65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  [2 ** 32 + 5, [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 5]],
];

for (const [length, header] of HEADERS) {
  Deno.test(`writeHeader() uses the shortest form for ${length} bytes (RFC 6455, 5.2)`, () => {
    const target = new Uint8Array(12);

    const payloadAt = writeHeader(target, 2, Opcode.Binary, length);

    assertEquals(payloadAt - 2, header.length);
    assertEquals(headerSize(length), header.length);
    assertEquals([...target.subarray(2, payloadAt)], header);
  });
}

Deno.test("webSocketCodec.encode() makes a text or a binary frame, unmasked", () => {
  const frame = webSocketCodec.encode(bytes("hi"), false);

  assertEquals(frame, concat(Uint8Array.of(0x81, 2), bytes("hi")));
  assertEquals(webSocketCodec.encode(bytes("hi"), true)[0], 0x82);
});

Deno.test("webSocketCodec.encode() does not keep what it was given", () => {
  const payload = bytes("hi");
  const frame = webSocketCodec.encode(payload, false);

  payload.fill(0);

  assertEquals(frame, encodeFrame(Opcode.Text, bytes("hi")));
});

Deno.test("encodeClose() writes the code and the reason (RFC 6455, 5.5.1)", () => {
  const frame = encodeClose({ code: 1001, reason: "bye" });

  assertEquals(frame, concat(Uint8Array.of(0x88, 5, 3, 233), bytes("bye")));
});

Deno.test("encodeClose() writes no payload for 1005 (RFC 6455, 7.4.1)", () => {
  assertEquals(encodeClose(CLOSE_NO_STATUS), Uint8Array.of(0x88, 0));
});

Deno.test("encodeClose() keeps a reason of 123 bytes whole", () => {
  assertEquals(
    encodeClose({ code: 1000, reason: "r".repeat(123) }).length,
    127,
  );
});

Deno.test("encodeClose() cuts a longer reason between two characters", () => {
  const frame = encodeClose({ code: 1000, reason: "r" + "é".repeat(70) });

  assertEquals(frame.length, 2 + 2 + 123);
  assertEquals(
    new TextDecoder("utf-8", { fatal: true }).decode(frame.subarray(4)),
    "r" + "é".repeat(61),
  );
});

import { assertEquals } from "@std/assert";
import {
  encodeClose,
  encodeText,
  FrameReader,
  Opcode,
} from "../../chaos/client_frames.ts";
import { encodeServerFrame, serverFrames, SIZES } from "./_server_frames.ts";

Deno.test("encodeText() and encodeClose() make masked frames as RFC 6455 has them", () => {
  assertEquals(
    [...encodeText("Hello")],
    [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58],
  );
  assertEquals(
    [...encodeClose(1000)],
    [0x88, 0x82, 0x37, 0xfa, 0x21, 0x3d, 0x03 ^ 0x37, 0xe8 ^ 0xfa],
  );
});

Deno.test("FrameReader reads frames of every size, cut anywhere near their heads", () => {
  for (const size of SIZES) {
    const bytes = serverFrames(size);
    for (const cut of [0, 1, 2, 3, 5, 9, 11, bytes.length - 1, bytes.length]) {
      const reader = new FrameReader();

      const frames = [
        ...reader.push(bytes.subarray(0, cut)),
        ...reader.push(bytes.subarray(cut)),
      ];

      assertEquals(frames.map(({ length }) => length), [size, size]);
      assertEquals(frames[0]?.text, "x".repeat(size));
    }
  }
});

Deno.test("FrameReader reads the code of a close frame, and that there is none", () => {
  const reader = new FrameReader();
  const bytes = new Uint8Array([
    ...encodeServerFrame(Opcode.Close, new Uint8Array([0x03, 0xe9])),
    ...encodeServerFrame(Opcode.Close, new Uint8Array(0)),
  ]);

  assertEquals(reader.push(bytes).map(({ code }) => code), [1001, 1005]);
});

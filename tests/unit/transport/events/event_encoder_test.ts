import { assertEquals } from "@std/assert";
import { EventEncoder } from "../../../../lib/transport/events/event_encoder.ts";
import {
  encodeClose,
  encodeFrame,
  Opcode,
} from "../../../../lib/transport/websocket/frames/websocket_frame.ts";
import { EventReader } from "../../../../lib/client/sse/event_reader.ts";
import { bytes, text } from "../_feed.ts";

const FRAMES = [
  encodeFrame(Opcode.Text, bytes("mone")),
  encodeFrame(Opcode.Text, bytes("")),
  encodeFrame(Opcode.Text, bytes("mtwo\n\nlines\n")),
  encodeFrame(Opcode.Text, bytes(": no comment, ä")),
  encodeFrame(Opcode.Text, bytes("m\r\n")),
  encodeFrame(Opcode.Binary, new Uint8Array([1, 0, 10, 13, 255])),
  encodeFrame(Opcode.Ping, bytes("")),
  encodeFrame(Opcode.Text, bytes(`m${"x".repeat(70_000)}`)),
  encodeClose({ code: 4009, reason: "re\nplaced" }),
];

const EVENTS = [
  { name: "", data: "mone" },
  { name: "", data: "" },
  { name: "", data: "mtwo\n\nlines\n" },
  { name: "", data: ": no comment, ä" },
  { name: "t", data: btoa("m\r\n") },
  { name: "b", data: btoa("\x01\x00\n\r\xff") },
  { name: "", data: `m${"x".repeat(70_000)}` },
  { name: "close", data: "4009 re placed" },
];

Deno.test("EventEncoder writes each frame as an event that the library reads back, wherever its bytes are cut", () => {
  const all = new Uint8Array(FRAMES.flatMap((frame) => [...frame]));
  for (const size of [3, 7, 1_000, all.length]) {
    const encoder = new EventEncoder();
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < all.length; at += size) {
      // What is given may change when the call is over.
      const part = all.slice(at, at + size);
      const told = text(encoder.encode(part));
      part.fill(0);
      events.push(...reader.read(told));
    }
    assertEquals(events, EVENTS);
    assertEquals(encoder.close, { code: 4009, reason: "re placed" });
  }
});

Deno.test("EventReader finds events in text that is cut anywhere", () => {
  const whole =
    ":   \n\nevent: open\ndata: token\n\ndata: a\ndata:b\nid: 7\n\n";
  for (const size of [1, 2, 5, whole.length]) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < whole.length; at += size) {
      events.push(...reader.read(whole.slice(at, at + size)));
    }
    assertEquals(events, [
      { name: "open", data: "token" },
      { name: "", data: "a\nb" },
    ]);
  }
});

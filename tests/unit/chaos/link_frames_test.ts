import { assertEquals } from "@std/assert";
import {
  type LinkFrame,
  LinkFrameReader,
  nameInHello,
  type Sabotage,
  Saboteur,
} from "../../chaos/link_frames.ts";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import { FrameLog } from "../../../lib/wire/frame_log.ts";

/** Frames as a gateway writes them. */
function written(
  frames: readonly (readonly [number, number, number])[],
): Uint8Array {
  const log = new FrameLog();
  for (const [command, connectionId, number] of frames) {
    const body = new Uint8Array([number]);
    log.append(command, 0, connectionId, number, body, 0, 1);
  }
  return log.startWrite() ?? new Uint8Array(0);
}

function numbers(frames: readonly LinkFrame[]): number[] {
  return frames.map(({ bytes }) => bytes.at(-1) ?? 0);
}

function sabotaged(
  sabotage: Sabotage,
  patience: number,
  frames: readonly (readonly [number, number, number])[],
): number[] {
  const saboteur = new Saboteur(sabotage, patience);
  const all = new LinkFrameReader().push(written(frames));
  return numbers(all.flatMap((frame) => saboteur.pass(frame)));
}

const { Message, Connect } = Command;
const FRAMES = [
  [Connect, 7, 1],
  [Message, 7, 2],
  [Message, 8, 3],
  [Message, 7, 4],
  [Message, 7, 5],
] as const;

Deno.test("LinkFrameReader finds the frames of the link protocol, cut anywhere", () => {
  const bytes = written(FRAMES);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new LinkFrameReader();

    const frames = [
      ...reader.push(bytes.subarray(0, cut)),
      ...reader.push(bytes.subarray(cut)),
    ];

    assertEquals(numbers(frames), [1, 2, 3, 4, 5]);
    assertEquals(frames.map((each) => each.connectionId), [7, 7, 8, 7, 7]);
  }
});

Deno.test("Saboteur drops one message", () => {
  assertEquals(sabotaged("drop", 0, FRAMES), [1, 3, 4, 5]);
  assertEquals(sabotaged("drop", 2, FRAMES), [1, 2, 3, 5]);
});

Deno.test("Saboteur sends one message twice", () => {
  assertEquals(sabotaged("duplicate", 1, FRAMES), [1, 2, 3, 3, 4, 5]);
});

Deno.test("Saboteur swaps two messages of one client", () => {
  assertEquals(sabotaged("swap", 0, FRAMES), [1, 3, 4, 2, 5]);
});

Deno.test("nameInHello() finds the name of a worker in its hello, and in no other frame", () => {
  const body = encodeBody({
    version: 1,
    role: "worker",
    name: "w12",
    instance: "x",
    nonce: new Uint8Array(32),
  });
  const log = new FrameLog();
  log.append(Command.Hello, 0, 0, 0, body, 0, body.length);
  log.append(Command.Message, 0, 0, 0, body, 0, body.length);
  const frames = new LinkFrameReader().push(
    log.startWrite() ?? new Uint8Array(0),
  );

  assertEquals(frames.map(nameInHello), ["w12", undefined]);
});

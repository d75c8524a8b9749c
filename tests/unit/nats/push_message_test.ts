import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../lib/base/errors.ts";
import {
  decodePush,
  decodePushAnswer,
  encodePush,
  encodePushAnswer,
  newPushId,
} from "../../../lib/nats/push_message.ts";

function whole(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("decodePush() reads what encodePush() wrote, and nothing that is cut", () => {
  const push = {
    time: 1_790_000_000_000,
    id: newPushId(),
    again: 2,
    frames: Uint8Array.of(1, 2, 3),
  };
  const body = whole(encodePush(push));

  assertEquals(decodePush(body), push);
  for (let end = 0; end < body.length - 3; end++) {
    assertThrows(() => decodePush(body.subarray(0, end)), ProtocolError);
  }
});

Deno.test("decodePush() refuses an id that is none", () => {
  const id = new Uint8Array(3);
  const push = { time: 1, id, again: 0, frames: new Uint8Array() };

  assertThrows(
    () => decodePush(whole(encodePush(push))),
    ProtocolError,
    "16 bytes",
  );
});

Deno.test("decodePushAnswer() reads what encodePushAnswer() wrote", () => {
  const answer = {
    id: newPushId(),
    cell: "eu",
    shard: 1,
    epoch: 5,
    shards: 2,
    reached: 7,
    cells: ["eu", "us"],
    silent: ["us"],
  };

  assertEquals(decodePushAnswer(encodePushAnswer(answer)), answer);
});

import { assertEquals, assertThrows } from "@std/assert";
import { NO_BYTES } from "../../../../lib/base/no_bytes.ts";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import type { Call } from "../../../../lib/gateway/commands/call.ts";
import { Notices } from "../../../../lib/gateway/commands/notices.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { LINK_VERSIONS } from "../../../../lib/link/link_version.ts";
import { Pending } from "../../../../lib/link/pending.ts";
import { decodeBody, encodeBody } from "../../../../lib/wire/body.ts";
import { FrameHeader, frameTooLong } from "../../../../lib/wire/frame.ts";

/** A command of a program to send a notice, and what it is answered. */
function callOf(order: unknown) {
  const answer = Promise.withResolvers<unknown>();
  const header = new FrameHeader();
  header.number = 1;
  const call = {
    link: {
      link: {
        isOpen: true,
        peer: { name: "program", instance: "p" },
        send: (_: number, _client: number, _id: number, body: Uint8Array) =>
          answer.resolve(decodeBody(body)),
      },
    },
    header,
    head: encodeBody(order),
    buffer: NO_BYTES,
    start: 0,
    end: 0,
  } as unknown as Call;
  return { call, answer: answer.promise };
}

Deno.test("a notice that is none ends the link that it came on, and nothing more", () => {
  const notices = new Notices(() => []);

  for (const order of [{}, { id: "1", to: 7 }, { id: "1", to: [7] }]) {
    const { call } = callOf(order);
    assertThrows(() => notices.send(call), ProtocolError);
  }
});

Deno.test("a worker misses a notice that makes too long a frame", async () => {
  const pending = new Pending("worker");
  const link = {
    isOpen: true,
    peer: { instance: "w", version: LINK_VERSIONS.highest },
    log: { pendingBytes: 0 },
    pending,
    sendHeaded: () => {
      throw frameTooLong(1e8);
    },
  };
  const notices = new Notices(() => [{ link } as unknown as WorkerLink]);
  const { call, answer } = callOf({ id: "1", labels: {}, to: ["w"] });

  notices.send(call);

  assertEquals(await answer, { taken: [], missed: ["w"] });
  pending.close();
});

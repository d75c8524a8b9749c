import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import { CellDeliveries } from "../../../../lib/gateway/commands/cell_deliveries.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { DeliveryWriter } from "../../../../lib/wire/bodies/delivery.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { FrameCapture } from "../../../../lib/wire/frame_capture.ts";

/** A command as a test means it. */
interface Sent {
  readonly number: number;
  /** Who numbered it, and how. */
  readonly origin?: readonly [origin: number, number: number];
  /** A request id. */
  readonly id?: number;
}

/** Deliveries, the texts of what was done, and the request ids of what was refused. */
class Gateway {
  readonly done: string[] = [];
  readonly refused: number[] = [];
  readonly #link = {
    link: {
      send: (_command: number, _client: number, id: number) =>
        void this.refused.push(id),
    },
  } as unknown as WorkerLink;
  readonly #deliveries = new CellDeliveries({
    onCommand: (_link, _header, buffer, start, end) => {
      this.done.push(new TextDecoder().decode(buffer.subarray(start, end)));
    },
  });

  /** Takes commands with the numbers that their texts are. */
  take(
    deliverer: number,
    numberer: number,
    sent: readonly (number | Sent)[],
  ): void {
    const all = sent.map((each) =>
      typeof each === "number" ? { number: each } : each
    );
    this.takeBytes(deliveryOf(deliverer, numberer, all, true), true);
  }

  takeBytes(bytes: Uint8Array, hasOrigins: boolean): void {
    const command = hasOrigins ? Command.DeliverOnce : Command.Deliver;
    this.#deliveries.take(this.#link, command, bytes, 0, bytes.length);
  }
}

function deliveryOf(
  deliverer: number,
  numberer: number,
  sent: readonly Sent[],
  hasOrigins: boolean,
): Uint8Array {
  const writer = new DeliveryWriter(hasOrigins);
  writer.begin({ stream: "eu/0", deliverer, numberer });
  for (const { number, origin: [origin, originNumber] = [0, 0], id } of sent) {
    const capture = new FrameCapture();
    const payload = new TextEncoder().encode(`${number}`);
    capture.send(Command.SendToUid, 0, 0, payload);
    const frame = capture.take();
    const numbers = { number, origin, originNumber };
    writer.append(numbers, id ?? 0, undefined, frame, 0, frame.length);
  }
  return writer.take().slice();
}

Deno.test("CellDeliveries does each command once, whichever bridge brings it", () => {
  const gateway = new Gateway();

  gateway.take(1, 10, [1, 2, 3]);
  // The next bridge was sent again what the first one had not acknowledged.
  gateway.take(2, 10, [2, 3, 4]);

  assertEquals(gateway.done, ["1", "2", "3", "4"]);
});

Deno.test("CellDeliveries ignores a bridge that was replaced and wakes up", () => {
  const gateway = new Gateway();

  gateway.take(1, 10, [1]);
  gateway.take(2, 10, [2]);
  gateway.take(1, 10, [3]);

  assertEquals(gateway.done, ["1", "2"]);
});

Deno.test("CellDeliveries begins anew with another bridge of the other cell, and ignores the one before", () => {
  const gateway = new Gateway();

  gateway.take(1, 10, [1, 2]);
  gateway.take(1, 11, [1]);
  gateway.take(1, 10, [3]);

  assertEquals(gateway.done, ["1", "2", "1"]);
});

Deno.test("CellDeliveries does once what its sender sends again by another bridge of its cell", () => {
  const gateway = new Gateway();
  const [ann, bob] = [2 ** 33, 2 ** 34];

  gateway.take(1, 10, [
    { number: 1, origin: [ann, 1] },
    { number: 2, origin: [bob, 1] },
    { number: 3, origin: [ann, 2] },
  ]);
  // That bridge was killed: what nobody has confirmed comes by the next one.
  gateway.take(1, 11, [
    { number: 101, origin: [ann, 2] },
    { number: 102, origin: [ann, 3] },
    { number: 103, origin: [bob, 1] },
    { number: 104, origin: [bob, 2] },
  ]);

  assertEquals(gateway.done, ["1", "2", "3", "102", "104"]);
});

Deno.test("CellDeliveries knows what is newer though numbers begin again", () => {
  const gateway = new Gateway();
  const origin = 2 ** 33;

  for (
    const [i, number] of [2 ** 32 - 2, 2 ** 32 - 1, 1, 2 ** 32 - 1, 2].entries()
  ) {
    gateway.take(1, 10, [{ number: i + 1, origin: [origin, number] }]);
  }

  assertEquals(gateway.done, ["1", "2", "3", "5"]);
});

Deno.test("CellDeliveries does a push once, though two bridges are active for a moment, and says so to who asked", () => {
  for (const epochs of [[1, 2], [2, 1]]) {
    const gateway = new Gateway();
    for (const epoch of epochs) {
      const origin = [2 ** 33, 1] as const;
      gateway.take(epoch, epoch, [{ number: 1, origin, id: epoch }]);
    }

    assertEquals(gateway.done, ["1"]);
    assertEquals(gateway.refused, epochs.slice(1));
  }
});

Deno.test("CellDeliveries refuses a delivery that is cut off anywhere", () => {
  for (const hasOrigins of [false, true]) {
    const whole = deliveryOf(1, 1, [{ number: 1 }], hasOrigins);
    for (let length = 0; length < whole.length; length++) {
      // Without a command it is a delivery of nothing.
      if (length === 21) continue;
      const part = whole.subarray(0, length);
      assertThrows(
        () => new Gateway().takeBytes(part, hasOrigins),
        ProtocolError,
      );
    }
  }
});

Deno.test("CellDeliveries refuses epochs and numbers that are no finite numbers", () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const gateway = new Gateway();
    assertThrows(() => gateway.take(bad, 1, [1]), ProtocolError, "deliverer");
    assertThrows(() => gateway.take(1, bad, [1]), ProtocolError, "numberer");
    assertThrows(() => gateway.take(1, 1, [bad]), ProtocolError, "number");
    const origin = [bad, 1] as const;
    assertThrows(
      () => gateway.take(1, 1, [{ number: 1, origin }]),
      ProtocolError,
      "origin",
    );
    // A bridge that says what it should is heard all the same.
    gateway.take(1, 1, [2]);
    assertEquals(gateway.done, ["2"]);
  }
});

import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import { CellDeliveries } from "../../../../lib/gateway/commands/cell_deliveries.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { DeliveryWriter } from "../../../../lib/wire/bodies/delivery.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { FrameCapture } from "../../../../lib/wire/frame_capture.ts";

/** Nobody looks at it. */
const LINK = {} as WorkerLink;

/** Deliveries, and the texts of what was done. */
class Gateway {
  readonly done: string[] = [];
  readonly #deliveries = new CellDeliveries({
    onCommand: (_link, _header, buffer, start, end) => {
      this.done.push(new TextDecoder().decode(buffer.subarray(start, end)));
    },
  });

  /** Takes commands with the numbers that their texts are. */
  take(deliverer: number, numberer: number, numbers: readonly number[]): void {
    const bytes = deliveryOf(deliverer, numberer, numbers);
    this.#deliveries.take(LINK, bytes, 0, bytes.length);
  }

  takeBytes(bytes: Uint8Array): void {
    this.#deliveries.take(LINK, bytes, 0, bytes.length);
  }
}

function deliveryOf(
  deliverer: number,
  numberer: number,
  numbers: readonly number[],
): Uint8Array {
  const writer = new DeliveryWriter();
  writer.begin({ stream: "eu/0", deliverer, numberer });
  for (const number of numbers) {
    const capture = new FrameCapture();
    const payload = new TextEncoder().encode(`${number}`);
    capture.send(Command.SendToUid, 0, 0, payload);
    const frame = capture.take();
    writer.append(number, 0, undefined, frame, 0, frame.length);
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

Deno.test("CellDeliveries refuses a delivery that is cut off anywhere", () => {
  const whole = deliveryOf(1, 1, [1]);
  for (let length = 0; length < whole.length; length++) {
    // Without a command it is a delivery of nothing.
    if (length === 21) continue;
    assertThrows(
      () => new Gateway().takeBytes(whole.subarray(0, length)),
      ProtocolError,
    );
  }
});

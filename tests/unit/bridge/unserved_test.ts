import { assertEquals } from "@std/assert";
import type { Cells } from "../../../lib/bridge/cells/cells.ts";
import type {
  Caller,
  CrossingCommand,
} from "../../../lib/bridge/home/crossing_command.ts";
import { FiguresByCell } from "../../../lib/bridge/streams/figures.ts";
import { Unserved } from "../../../lib/bridge/unserved.ts";
import { Command } from "../../../lib/wire/command.ts";

const BODY = new Uint8Array(4);

/** A send; with a number of its caller's, or a request id and none. */
function command(connectionId: number, number = 0): CrossingCommand {
  return {
    ...{ command: Command.SendToUid, flags: 0, connectionId, number },
    ...{ origin: number === 0 ? 5 : 0, names: ["uann"] },
    ...{ buffer: BODY, start: 0, end: BODY.length },
  };
}

Deno.test("Unserved brings nothing that its caller has given up, and all else in order", () => {
  const unserved = new Unserved(
    { others: [] } as unknown as Cells,
    new FiguresByCell(),
  );
  const [ann, ben] = [{}, {}] as Caller[] as [Caller, Caller];
  unserved.hold(ann, 0, command(1));
  unserved.hold(ann, 0, command(2));
  unserved.hold(ann, 0, command(0, 9));
  unserved.hold(ann, 0, command(3));
  unserved.hold(ann, 1, command(1));
  unserved.hold(ben, 0, command(1));

  unserved.drop(ann, 0, 2);

  const left = (shard: number) =>
    unserved.take(shard).map(({ caller, what }) => [
      caller === ann ? "ann" : "ben",
      what.connectionId,
      what.number,
    ]);
  assertEquals(left(0), [["ann", 0, 9], ["ann", 3, 0], ["ben", 1, 0]]);
  assertEquals(left(1), [["ann", 1, 0]]);
});

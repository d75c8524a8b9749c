/** Three cells over a real server of NATS, in this process. @module */

import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { LinkClosedError, PartialResultError } from "../../mod.ts";
import { GatewayClient } from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import { whyNoNats, WITH_NATS } from "../_support/nats_server.ts";
import { runCommand } from "../_support/commands.ts";
import { NatsLine } from "../../lib/nats/nats_line.ts";
import { pushSubject } from "../../lib/nats/subjects.ts";
import { CellClient } from "../cells/cell_client.ts";
import { runInterest } from "../cells/interest.ts";
import { runProperty } from "../cells/property.ts";
import { SmallStage } from "../cells/small_stage.ts";
import { PUSH_KEY } from "../cells/stage.ts";

if (WITH_NATS.ignore) {
  // deno-lint-ignore no-console -- whoever runs the tests has to know
  console.log(`Cells are not tested: ${whyNoNats()}`);
}

Deno.test(
  "three cells are as one map: after a confirmed join everything arrives, once, in order, and nothing else",
  WITH_NATS,
  async () => {
    await using stage = await SmallStage.start();

    const { wrongs, heard, did } = await runProperty({
      cells: stage.cells,
      seed: 1,
      steps: 400,
      clients: 12,
    });

    assertEquals(wrongs, []);
    assertGreater(heard, 200);
    for (const what of ["bind", "join", "leave", "toUid", "toGroup", "toAll"]) {
      assertGreater(did.get(what) ?? 0, 0, what);
    }
  },
);

Deno.test(
  "names of one cell cost the others some frames at first, and nothing in the steady state",
  WITH_NATS,
  async () => {
    await using stage = await SmallStage.start({
      cells: ["eu", "us"],
      gateways: 1,
      bridges: 1,
    });
    const us = stage.cells[1];
    const received = () => {
      const { cells = [] } = us && stage.active(us) || {};
      return Promise.resolve(
        cells.reduce((sum, { received }) => sum + received, 0),
      );
    };
    const { cells } = stage;

    const frames = await runInterest({
      ...{ cells, received },
      names: 500,
      rounds: 6,
      quiet: 150,
    });

    assertEquals(frames[0], 500);
    assertEquals(frames.at(-1), 0, `${frames}`);
  },
);

Deno.test(
  "a program without links reaches every cell once, and hears whom it reached",
  WITH_NATS,
  async () => {
    await using stage = await SmallStage.start({
      cells: ["eu", "us"],
      gateways: 1,
    });
    const clients: CellClient[] = [];
    for (const { clients: [url = ""] } of stage.cells) {
      const client = await CellClient.connect(url);
      await client.do({ what: "bind", name: "ann" });
      await client.do({ what: "join", name: "lobby" });
      clients.push(client);
    }
    const { url: nats } = stage.nats;
    const heard = () => clients.map(({ heard }) => [...heard]);

    await using pushes = await GatewayClient.connect({
      nats,
      pushKey: PUSH_KEY,
    });
    assertEquals(await pushes.sendToAll("a", { confirm: true }), 2);
    assertEquals(await pushes.sendToUid("bob", "b", { confirm: true }), 0);
    await pushes.sendToGroup("lobby", "c");
    await pushes.sendToUid("ann", "d");
    const { code, out } = await runCommand([
      ...["send", "--nats", nats, "--push-key", PUSH_KEY],
      ...["--confirm", "uid", "ann", "e"],
    ]);

    assertEquals([code, out.join("")], [0, "Reached 2 clients"]);
    const all = ["a", "c", "d", "e"];
    await eventually(
      "all is heard",
      () => clients.every((each) => each.heard.length >= all.length),
    ).catch(() => {});
    assertEquals(heard(), [all, all]);
    for (const client of clients) client[Symbol.dispose]();
  },
);

Deno.test(
  "a program with another key reaches nobody, and is told so",
  WITH_NATS,
  async () => {
    await using stage = await SmallStage.start({
      cells: ["eu"],
      gateways: 1,
      bridges: 1,
    });
    const { clients: [url = ""] = [] } = stage.cells[0] ?? {};
    using client = await CellClient.connect(url);
    const { url: nats } = stage.nats;

    await using stranger = await GatewayClient.connect({
      nats,
      pushKey: "guessed",
      queryTimeout: 300,
    });
    await assertRejects(
      () => stranger.sendToAll("a", { confirm: true }),
      LinkClosedError,
      "no cell answered",
    );

    assertEquals(client.heard, []);
  },
);

Deno.test(
  "a program that asks is told which cell did not answer",
  WITH_NATS,
  async () => {
    await using stage = await SmallStage.start({
      cells: ["eu", "us"],
      gateways: 1,
      bridges: 1,
    });
    const { url: nats } = stage.nats;
    await using pushes = await GatewayClient.connect({
      nats,
      pushKey: PUSH_KEY,
      queryTimeout: 500,
    });
    for (const bridge of stage.cells[1]?.bridges ?? []) await bridge.shutdown();

    const error = await assertRejects(
      () => pushes.sendToAll("a", { confirm: true }),
      PartialResultError,
    );
    assertEquals(error.gateways, ["cell us"]);
  },
);

Deno.test(
  "what was recorded of a program's pushes reaches nobody again, and is counted",
  WITH_NATS,
  async () => {
    await using stage = await SmallStage.start({
      cells: ["eu"],
      gateways: 1,
      bridges: 1,
    });
    const [cell] = stage.cells;
    using client = await CellClient.connect(cell?.clients[0] ?? "");
    const { url: nats } = stage.nats;
    await using thief = await NatsLine.open({ nats, name: "thief" });
    const recorded: Uint8Array[] = [];
    const subject = pushSubject("main");
    using _recording = thief.subscribe(subject, (bytes) => {
      if (recorded.length === 0) recorded.push(bytes.slice());
    });
    await thief.connected(5_000);
    await thief.flush(1_000);
    await using pushes = await GatewayClient.connect({
      nats,
      pushKey: PUSH_KEY,
    });

    assertEquals(await pushes.sendToAll("once", { confirm: true }), 1);
    await eventually("it was recorded", () => recorded.length === 1);
    for (const each of recorded) thief.publish(subject, each);
    await eventually(
      "it is refused",
      () => cell !== undefined && stage.active(cell)?.forged === 1,
    );
    assertEquals(await pushes.sendToAll("more", { confirm: true }), 1);

    assertEquals(client.heard, ["once", "more"]);
  },
);

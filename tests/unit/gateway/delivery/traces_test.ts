import { assertEquals } from "@std/assert";
import { KNOWS_TRACES } from "../../../../lib/link/link_version.ts";
import type { SpanStart } from "../../../../lib/observe/tracing.ts";
import { Ledger } from "../../../../lib/gateway/clients/ledger.ts";
import {
  MAX_CLIENT_TRACES,
  Traces,
} from "../../../../lib/gateway/delivery/traces.ts";
import type {
  BoundWorker,
  Route,
} from "../../../../lib/gateway/workers/route.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { FrameHeader } from "../../../../lib/wire/frame.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CONTEXT = `00-${TRACE}-b7ad6b7169203331-01`;
const EVENT = {
  command: Command.Message,
  flags: 0,
  deliveries: 0,
  connectionId: 5,
  number: 1,
  payload: new Uint8Array(),
};

/** Traces that are noted instead of exported. */
function begin(sample = 0) {
  const started: SpanStart[] = [];
  const ended: number[] = [];
  const ledger = new Ledger();
  const traces = new Traces({
    sample,
    name: "one",
    gatewayId: "0123456789ab",
    ledger,
    tracing: {
      start: (start) => {
        const index = started.push(start);
        const spanId = String(index).padStart(16, "0");
        return {
          context: { traceId: start.parent?.traceId ?? TRACE, spanId },
          end: () => void ended.push(index),
        };
      },
    },
  });
  return { traces, started, ended, ledger };
}

/** A link that notes what is sent on it. */
function linkOf(version: number, isOriginal = false) {
  const sent: unknown[] = [];
  const link = {
    peer: { version, isOriginal },
    send: (command: number, client: number, number: number, body: Uint8Array) =>
      void sent.push([command, client, number, new TextDecoder().decode(body)]),
  };
  return { sent, link: { link } as unknown as WorkerLink & BoundWorker };
}

const ROUTE = { connectionId: 5, eventNumber: 0 } as Route;

Deno.test("an event is traced if its client says so, or by chance, and else not", () => {
  const { traces, started } = begin();

  assertEquals(traces.take(ROUTE, "message", 3), false);
  traces.hear(ROUTE, CONTEXT);
  assertEquals(traces.take(ROUTE, "message", 3), true);
  assertEquals(traces.take(ROUTE, "message", 3), false);
  assertEquals(started.length, 1);
  assertEquals(begin(1).traces.take(ROUTE, "message", 3), true);
});

Deno.test("what a client says of its next event is so of no other client's", () => {
  const { traces, started } = begin();
  const other = { connectionId: 6, eventNumber: 0 } as Route;

  traces.hear(ROUTE, CONTEXT);

  assertEquals(traces.take(other, "message", 3), false);
  assertEquals(started, []);
});

Deno.test("a traced event is announced each time that it is sent, to workers that know what that is", () => {
  const { traces, started, ended } = begin();
  const [old, php, known] = [
    linkOf(KNOWS_TRACES - 1),
    linkOf(KNOWS_TRACES, true),
    linkOf(KNOWS_TRACES),
  ];
  traces.hear(ROUTE, CONTEXT);
  traces.take(ROUTE, "message", 3);

  for (const { link } of [old, php, known, known]) traces.announce(link, EVENT);
  traces.announce(known.link, { ...EVENT, number: 2 });

  const told = [Command.Trace, 5, 1, `00-${TRACE}-0000000000000001-01`];
  assertEquals([old.sent, php.sent, known.sent], [[], [], [told, told]]);
  assertEquals([started.length, ended], [1, [1]]);
});

Deno.test("clients begin so many traces a second, and no more", () => {
  const { traces } = begin();
  let taken = 0;

  for (let i = 0; i < 10 * MAX_CLIENT_TRACES; i++) {
    traces.hear(ROUTE, CONTEXT);
    if (traces.take(ROUTE, "message", 3)) taken++;
  }

  // A second may have begun meanwhile.
  assertEquals(taken % MAX_CLIENT_TRACES, 0);
  assertEquals(taken >= MAX_CLIENT_TRACES && taken < 1000, true);
});

Deno.test("a command is part of what its link has announced, and the next one is not", () => {
  const { traces, started, ended, ledger } = begin();
  const { link } = linkOf(KNOWS_TRACES);
  const header = new FrameHeader();
  const say = (command: number, text = "") => {
    header.command = command;
    const body = new TextEncoder().encode(text);
    traces.around(link, header, body, () => void ledger.sent++);
  };

  say(Command.Trace, CONTEXT);
  say(Command.SendToUid);
  say(Command.SendToUid);
  say(Command.Trace, "nonsense");
  say(Command.SendToAll);

  assertEquals(started.map(({ name }) => name), ["deliver uid"]);
  assertEquals(started[0]?.parent?.traceId, TRACE);
  assertEquals([ended, ledger.sent], [[1], 3]);
});

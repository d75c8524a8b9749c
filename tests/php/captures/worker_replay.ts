import { assertEquals } from "@std/assert";
import { BusinessWorker, type HandlerEvent } from "../../../mod.ts";
import { sessionToJs, toJs } from "../../../lib/php/convert.ts";
import { unserialize } from "../../../lib/php/unserialize.ts";
import { eventually } from "../../_support/eventually.ts";
import {
  bytesOf,
  type Capture,
  type Connection,
  messageOf,
} from "./capture.ts";
import { type Packet, readPackets } from "../../_support/original_packet.ts";
import { ReplayStage } from "../../_support/original_stage.ts";

/** Connections on which gateways told workers of events. */
export function workerLinks({ connections }: Capture): Connection[] {
  return connections.filter(({ purpose, frames }) =>
    purpose === "worker link" && frames.some(({ dir }) => dir === "<-")
  );
}

/** An event, as far as it is compared. */
interface Seen {
  readonly type: string;
  readonly client: number;
  readonly message?: string;
  readonly session?: unknown;
}

/**
 * Tells a worker of ours what a gateway of the original told one of its own, and compares
 * what its handler sees.
 *
 * @returns How many events there were.
 */
export async function replayToWorker(
  capture: Capture,
  link: Connection,
): Promise<number> {
  const said = link.frames.filter(({ dir, end }) => dir === "<-" && !end);
  const bytes = said.map(bytesOf);
  const { packets } = readPackets(
    new Uint8Array(bytes.flatMap((each) => [...each])),
  );
  const expected = expectedOf(packets);
  await using stage = await ReplayStage.start(1, capture.config.secret ?? "");
  const seen: Seen[] = [];
  const worker = await BusinessWorker.start({
    ...stage.options,
    drainTimeout: 100,
    handler: (event) => void note(event, seen),
  });
  await using _worker = worker;
  for (const each of bytes) await stage.gateways[0]?.say(each);
  await eventually(
    `${expected.length} events come, not ${seen.length}`,
    () => seen.length >= expected.length,
  );
  assertEquals(byClient(seen), byClient(expected));
  checkMessages(capture, seen);
  return expected.length;
}

function note(event: HandlerEvent, seen: Seen[]): void {
  if (
    event.type !== "connect" && event.type !== "message" &&
    event.type !== "close"
  ) return;
  const client = parseInt(event.client.id.slice(12), 16);
  seen.push({
    type: event.type,
    client,
    ...(event.type === "message"
      ? {
        message: event.bytes().toHex(),
        session: structuredClone(event.client.session),
      }
      : {}),
  });
}

/** What the packets mean, by the rules that are documented. */
function expectedOf(packets: readonly Packet[]): Seen[] {
  // Until the first client of a port upgrades, whoever connects to it counts as one.
  const upgrades = new Set<number>();
  const expected: Seen[] = [];
  const held = new Set<number>();
  const known = new Set<number>();
  const closed = new Set<number>();
  for (const packet of packets) {
    const { command, connectionId: client, gatewayPort } = packet;
    if (command === 205) upgrades.add(gatewayPort);
    const connect = () => {
      if (held.delete(client)) expected.push({ type: "connect", client });
    };
    if (command === 1 && !closed.has(client)) {
      held.add(client);
      known.add(client);
    } else if (command === 205 && known.has(client)) connect();
    else if (command === 3) {
      connect();
      known.add(client);
      expected.push({
        type: "message",
        client,
        message: (packet.flag & 1) === 1
          ? packet.body.toHex()
          : jsonOf(packet.body).toHex(),
        session: sessionToJs(packet.extra),
      });
    } else if (command === 4) {
      closed.add(client);
      known.delete(client);
      const isNoClient = held.has(client) && upgrades.has(gatewayPort);
      if (isNoClient) held.delete(client);
      else {
        connect();
        expected.push({ type: "close", client });
      }
    }
  }
  for (const client of held) expected.push({ type: "connect", client });
  return expected;
}

/** What a protocol of the user's own made of a message comes as JSON. */
function jsonOf(body: Uint8Array): Uint8Array<ArrayBuffer> {
  const value = toJs(unserialize(body));
  return new TextEncoder().encode(JSON.stringify(value));
}

/** The original's own worker was told the same messages. */
function checkMessages(capture: Capture, seen: readonly Seen[]): void {
  if (workerLinks(capture).length !== 1) return;
  const told = capture.expect.flatMap(({ worker_events = [] }) => worker_events)
    .filter(({ callback }) => callback === "onMessage")
    .map(({ data }) => messageOf(data))
    .map((message) =>
      typeof message === "string" ? new TextEncoder().encode(message) : message
    );
  if (told.includes(undefined)) return;
  assertEquals(
    seen.filter(({ type }) => type === "message")
      .map(({ message }) => message).sort(),
    told.map((message) => message?.toHex()).sort(),
  );
}

function byClient(events: readonly Seen[]): Record<string, Seen[]> {
  const order = (one: Seen, other: Seen) => one.client - other.client;
  return Object.groupBy(
    events.toSorted(order),
    ({ client }) => client,
  ) as Record<string, Seen[]>;
}

import { assertEquals } from "@std/assert";
import { type Cluster, GatewayClient, type Session } from "../../../mod.ts";
import { gatewayIdOf } from "../../../lib/wire/bodies/client_id.ts";
import { parseAddress } from "../../../lib/base/address.ts";
import { sessionFromJs } from "../../../lib/php/convert.ts";
import {
  bytesOf,
  type Capture,
  type CaptureStep,
  type Connection,
  messageOf,
} from "./capture.ts";
import type { FakeOriginal } from "../../_support/fake_original.ts";
import {
  meaningOf,
  type Packet,
  readPackets,
} from "../../_support/original_packet.ts";
import { ReplayStage } from "../../_support/original_stage.ts";

/** Commands that change or send something, by the original's numbers. */
const ONE_WAY = [5, 6, 7, 8, 9, 12, 13, 14, 20, 21, 22, 27, 204];

/** One call, made with ours; `undefined` if ours has none with these arguments. */
type Maker = (
  cluster: Cluster,
  args: readonly unknown[],
) => Promise<unknown> | undefined;

type Message = string | Uint8Array;

/** How the calls of the original that change or send something are made with ours. */
const MAKERS: Readonly<Record<string, Maker>> = {
  sendToClient: (cluster, [id, message, raw]) =>
    withMessage(
      message,
      (it) =>
        isId(id)
          ? cluster.sendToClient(id, it, { raw: raw === true })
          : undefined,
    ),
  sendToAll: (cluster, [message, ids, exclude, raw]) =>
    withMessage(message, (it) => {
      const options = { raw: raw === true, ...excluding(exclude) };
      if (ids === undefined || ids === null) {
        return cluster.sendToAll(it, options);
      }
      return isIds(ids) && exclude === undefined
        ? cluster.sendToAll(it, { ...options, clientIds: ids })
        : undefined;
    }),
  sendToUid: (cluster, [uids, message, raw]) =>
    withMessage(message, (it) => {
      const names = namesIn(uids);
      return names && cluster.sendToUid(names, it, { raw: raw === true });
    }),
  // To several groups, ours sends each client one message: that is another packet.
  sendToGroup: (cluster, [groups, message, exclude, raw]) =>
    withMessage(message, (it) => {
      const names = namesIn(groups);
      const options = { raw: raw === true, ...excluding(exclude) };
      return names?.length === 1
        ? cluster.sendToGroup(names, it, options)
        : undefined;
    }),
  closeClient: (cluster, [id, message]) => {
    if (!isId(id)) return undefined;
    if (message === undefined || message === null) {
      return cluster.closeClient(id);
    }
    return withMessage(message, (it) => cluster.closeClient(id, it));
  },
  destoryClient: (cluster, [id]) =>
    isId(id) ? cluster.destroyClient(id) : undefined,
  bindUid: (cluster, [id, uid]) => {
    const [name] = namesIn(uid) ?? [];
    return isId(id) && name !== undefined
      ? cluster.bindUid(id, name)
      : undefined;
  },
  unbindUid: (cluster, [id]) => isId(id) ? cluster.unbindUid(id) : undefined,
  joinGroup: (cluster, [id, group]) => {
    const [name] = namesIn(group) ?? [];
    return isId(id) && name !== undefined
      ? cluster.joinGroup(id, name)
      : undefined;
  },
  leaveGroup: (cluster, [id, group]) => {
    const [name] = namesIn(group) ?? [];
    return isId(id) && name !== undefined
      ? cluster.leaveGroup(id, name)
      : undefined;
  },
  ungroup: (cluster, [group]) => {
    const [name] = namesIn(group) ?? [];
    return name === undefined ? undefined : cluster.ungroup(name);
  },
  setSession: (cluster, [id, session]) =>
    isId(id) && isPlain(session) ? cluster.setSession(id, session) : undefined,
};

/** The connections on which the original was told of calls. */
function carriers({ connections }: Capture): Connection[] {
  return connections.filter(({ purpose }) =>
    purpose !== "register link" && purpose !== "client link" &&
    purpose !== "address look-up"
  );
}

/**
 * Makes each recorded call that changes or sends something with our cluster API, and
 * compares the packets.
 *
 * @returns How many calls were compared, and how many ours makes otherwise.
 */
export async function replayCalls(
  capture: Capture,
): Promise<{ compared: number; others: number }> {
  const inner = innerPorts(capture);
  const result = { compared: 0, others: 0 };
  if (inner.length === 0) return result;
  await using stage = await ReplayStage.start(
    inner.length,
    capture.config.secret ?? "",
  );
  await using cluster = await GatewayClient.connect(stage.options);
  for (const step of capture.expect) {
    if (!["worker", "GatewayClient"].includes(step.by)) continue;
    const make = MAKERS[step.do];
    if (make === undefined || step.args === undefined) continue;
    const expected = packetsOf(capture, step).filter(isOneWay);
    if (expected.length === 0) continue;
    const args = step.args.map((arg) => toOurs(arg, inner, stage.gateways));
    const before = stage.gateways.map(({ commands }) => commands.length);
    const made = make(cluster, args);
    if (made === undefined) result.others++;
    else {
      await made;
      await cluster.getAllClientIdCount();
      const found = stage.gateways.flatMap(({ commands }, index) =>
        commands.slice(before[index]).filter(isOneWay)
      );
      // Of several gateways, some may have been down when it was recorded.
      assertEquals(
        new Set(found.map(meant)),
        new Set(expected.map(meant)),
        `step ${step.step}: ${step.do} ${JSON.stringify(step.args)}`,
      );
      result.compared++;
    }
  }
  return result;
}

/** The uid that a client is unbound from is said by the original, and ignored. */
function meant(packet: Packet): string {
  return meaningOf(
    packet.command === 13 ? { ...packet, extra: new Uint8Array() } : packet,
  );
}

function isOneWay({ command }: Packet): boolean {
  return ONE_WAY.includes(command);
}

function packetsOf(capture: Capture, { frames = {} }: CaptureStep): Packet[] {
  return carriers(capture).flatMap(({ id, frames: all }) => {
    const [first, last] = frames[id] ?? [1, 0];
    return all.slice(first, last + 1)
      .filter(({ dir, end }) => dir === "->" && !end)
      .flatMap((frame) => readPackets(bytesOf(frame)).packets);
  });
}

/** Ports at which gateways took workers. */
function innerPorts({ config: { ports } }: Capture): number[] {
  return Object.entries(ports)
    .filter(([name]) => name.endsWith("inner"))
    .map(([, port]) => port);
}

/** Client ids are those of the gateways that are played. */
function toOurs(
  value: unknown,
  ports: readonly number[],
  gateways: readonly FakeOriginal[],
): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => toOurs(each, ports, gateways));
  }
  if (!isId(value)) {
    return value;
  }
  const index = ports.indexOf(parseInt(value.slice(8, 12), 16));
  const gateway = gateways[index];
  return gateway === undefined
    ? value
    : gatewayIdOf(parseAddress(gateway.address)) + value.slice(12);
}

function withMessage(
  value: unknown,
  send: (message: Message) => Promise<unknown> | undefined,
): Promise<unknown> | undefined {
  const message = messageOf(value);
  return message === undefined ? undefined : send(message);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{20}$/.test(value);
}

function isIds(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isId);
}

function namesIn(value: unknown): string[] | undefined {
  const names = [value].flat();
  const isName = (name: unknown) =>
    typeof name === "string" && name !== "" && name !== "0";
  const areGood = names.every(isName) && new Set(names).size === names.length;
  return areGood && names.length > 0 ? names as string[] : undefined;
}

function excluding(exclude: unknown): { exclude?: string[] } {
  const ids = [exclude ?? []].flat();
  return isIds(ids) && ids.length > 0 ? { exclude: ids } : {};
}

function isPlain(value: unknown): value is Session {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return false;
  }
  const text = JSON.stringify(value);
  if (text.includes('"$')) return false;
  // What PHP and JSON order or write differently is looked at with real nodes.
  sessionFromJs(value as Session);
  return true;
}

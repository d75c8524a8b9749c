import { shardOf } from "../../nats/subjects.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import { decodeTarget, encodeTarget } from "../../wire/bodies/target.ts";
import { FrameCapture } from "../../wire/frame_capture.ts";

/** A part of a command: what it is about, and a whole frame that names nobody else. */
export interface CommandPart {
  readonly shard: number;
  readonly names: readonly string[];
  readonly frame: Uint8Array;
}

/**
 * Divides a command for names of several shards: each shard's go their own way.
 *
 * @param command Which.
 * @param flags Its flags.
 * @param head Its head, which is a target.
 * @param payload What follows it.
 * @param names What it is about.
 * @param shards How many shards there are.
 */
export function divideCommand(
  { command, flags, head, payload, names, shards }: {
    readonly command: number;
    readonly flags: number;
    readonly head: Uint8Array;
    readonly payload: Uint8Array;
    readonly names: readonly string[];
    readonly shards: number;
  },
): CommandPart[] {
  const target = decodeTarget(head);
  const byShard = Map.groupBy(names, (name) => shardOf(name, shards));
  return Array.from(byShard, ([shard, its]) => {
    const capture = new FrameCapture();
    const part = encodeTarget({
      ...target,
      uids: target.uids?.filter((uid) => its.includes(uidName(uid))),
      groups: target.groups?.filter((group) => its.includes(groupName(group))),
    });
    capture.sendHeaded(command, 0, 0, part, payload, flags);
    return { shard, names: its, frame: capture.take() };
  });
}

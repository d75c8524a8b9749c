import type { Link } from "../link/link.ts";
import { encodeBody } from "../wire/body.ts";
import { decodeName } from "../wire/bodies/name.ts";
import { Command } from "../wire/command.ts";
import type { FrameHeader } from "../wire/frame.ts";
import type { AbsentNames } from "./absent_names.ts";
import type { Outflow } from "./outflow.ts";

/** A gateway that is linked. */
export interface LinkedGateway {
  /** The connection. */
  readonly link: Link;
  /** The 12 hex digits that its clients' ids begin with. */
  readonly gatewayId: string;
  /** Its internal address, `host:port`. */
  readonly address: string;
  /** Differs for every start of its process. */
  readonly instance: string;
  /** What nobody there is interested in. */
  readonly absent: AbsentNames;
  /** What waits to leave for it. */
  readonly outflow: Outflow;
}

/** Hot: takes the frames that say who is interested in what; returns whether it was one. */
export function hearInterest(
  { absent, link }: LinkedGateway,
  { command, number }: FrameHeader,
  buffer: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (command !== Command.Absent && command !== Command.Present) return false;
  // A view takes 50 ns, and every frame passes here.
  const name = decodeName(buffer.subarray(start, end));
  if (command === Command.Absent) absent.add(name);
  else {
    absent.delete(name);
    link.send(Command.Reply, 0, number, NO_ANSWER);
  }
  return true;
}

const NO_ANSWER = encodeBody(null);

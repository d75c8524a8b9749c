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
  name: Uint8Array,
): boolean {
  if (command === Command.Absent) absent.add(decodeName(name));
  else if (command === Command.Present) {
    absent.delete(decodeName(name));
    link.send(Command.Reply, 0, number, NO_ANSWER);
  } else return false;
  return true;
}

const NO_ANSWER = encodeBody(null);

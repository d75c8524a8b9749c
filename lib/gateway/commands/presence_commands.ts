import { decodeMap, textField } from "../../wire/body.ts";
import { MAX_STATE } from "../../wire/bodies/presence.ts";
import { Command } from "../../wire/command.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { Presence } from "../presence/presence.ts";
import type { Call } from "./call.ts";

/** Does what a worker says of presence; returns the reply to it, if it wants one. */
export function takePresence(
  presence: Presence,
  table: ClientTable,
  call: Call,
): unknown {
  const { link, buffer, start, end, header } = call;
  const payload = buffer.subarray(start, end);
  switch (header.command) {
    case Command.PresenceWatch:
      return presence.watch(link, payload);
    case Command.PresenceRows:
      return presence.hear(link, payload);
    case Command.PresenceRelease:
      return presence.release(link, payload);
    default:
      return setPresence(presence, table, call);
  }
}

function setPresence(
  presence: Presence,
  table: ClientTable,
  { head, header }: Call,
): boolean {
  const body = decodeMap(head);
  const state = textField(body, "state") ?? "";
  if (state.length > MAX_STATE) {
    throw new RangeError(
      `Cannot set presence as its state must be at most ${MAX_STATE} bytes: it is longer`,
    );
  }
  const client = table.get(header.connectionId);
  const said = { text: state, by: "program" } as const;
  return client !== undefined &&
    presence.setState(client, said, textField(body, "name"));
}

import { Command } from "../../wire/command.ts";
import type { Call } from "./call.ts";
import type { LATER } from "./queries.ts";

/** What is meant for clients that are at other gateways by now, and talk with those. */
export interface Elsewhere {
  /** Hot: how many clients are known to have moved away. */
  readonly size: number;
  /** Whether a client has moved away. */
  has(connectionId: number): boolean;
  /** Passes a call on that means a client which has moved away; replies when it can. */
  forward(call: Call): typeof LATER;
  /** Sends a message to a client which has moved away; returns whether it has. */
  send(connectionId: number, payload: Uint8Array, flags: number): boolean;
  /**
   * Takes what another gateway says.
   *
   * @throws {TypeError} If whoever says it is none.
   */
  take(call: Call): unknown;
}

/** Commands that mean one client. */
const TO_CLIENT: ReadonlySet<number> = new Set([
  Command.SendToOne,
  Command.CloseClient,
  Command.DestroyClient,
  Command.UpdateSession,
  Command.IsOnline,
  Command.BindUid,
  Command.UnbindUid,
  Command.JoinGroup,
  Command.LeaveGroup,
  Command.SetWindow,
  Command.GetSession,
  Command.SetSession,
  Command.SaveSession,
  Command.SetPresence,
]);

/** Whether a command means one client. */
export function meansClient(command: number): boolean {
  return TO_CLIENT.has(command);
}

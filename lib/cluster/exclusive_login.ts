import { encodeBody } from "../wire/body.ts";
import type { ClientAddress } from "../wire/bodies/client_id.ts";
import { Command } from "../wire/command.ts";
import type { Asker } from "./asker.ts";
import type { WriteCommand } from "./crossings.ts";

/** Most that a login jumps past its rival, so that two that race draw apart. */
const MAX_JUMP = 8;

/** A client that is to be the only one of its uid. */
export interface LoginOptions {
  /** The client. */
  readonly address: ClientAddress;
  /** Its uid. */
  readonly uid: string;
  /** Binds it under a number; returns whether it is still there. */
  readonly bind: (login: number) => Promise<boolean>;
  /** Whether it is to be the only one in all cells. */
  readonly cells?: "all" | undefined;
}

/**
 * Makes a client the only one of its uid, wherever the others are.
 *
 * Each login is numbered. A client is bound under its number, then every gateway
 * closes the clients of the uid with lower ones and tells the highest that is left.
 * If one is left, the client takes a number above it and asks again. A client asks
 * only after it was bound, and numbers only grow: of two clients at the same time
 * neither can be closed by one that it outranked, so exactly one stays, and of two
 * in succession the later, even where the clocks of their workers differ.
 *
 * @param asker Knows the gateways.
 * @param options The client.
 * @returns Whether it is there and alone; another login may end that at any time.
 * @throws {PartialResultError} If a gateway does not say.
 */
export async function logInAlone(
  asker: Asker,
  options: LoginOptions,
): Promise<boolean> {
  let login = Date.now();
  while (await options.bind(login)) {
    const rival = await latestRival(asker, options, login);
    if (rival === 0) return true;
    login = rival + 1 + Math.floor(Math.random() * MAX_JUMP);
  }
  return false;
}

/** Closes the earlier clients of the uid; returns the latest login of the others. */
async function latestRival(
  asker: Asker,
  { address: { gatewayId, connectionId }, uid, cells }: LoginOptions,
  login: number,
): Promise<number> {
  const head = encodeBody({ uid, login });
  let latest = 0;
  const send: WriteCommand = (gateway, id) => {
    const self = gateway.gatewayId === gatewayId ? connectionId : 0;
    gateway.link.sendHeaded(Command.ReplaceUid, self, id, head);
  };
  await asker.askAll({
    call: "bindUid",
    routes: cells && asker.crossings.wrapped({}, send),
    send,
    take: (rival) => void (latest = Math.max(latest, Number(rival))),
    answer: () => true,
  });
  return latest;
}

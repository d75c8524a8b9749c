import type { GatewayReport } from "../gateway/mod.ts";
import { roomLogger } from "../observe/logger.ts";
import type { Settings } from "./option_table.ts";
import { formatBytes, formatCount } from "./table.ts";

const logger = roomLogger("cli");

/** Says what the limits of a gateway come to. */
export function tellLimits(
  { maxClients }: Pick<GatewayReport, "maxClients">,
  { maxMessage, sendBuffer, window, parkTotal }: Settings,
): void {
  logger.info(
    "Limits: {clients} clients, {maxMessage} a message, {sendBuffer} queued a client, {window} in flight a worker, {parkTotal} parked",
    {
      clients: formatCount(maxClients),
      maxMessage: formatBytes(maxMessage),
      sendBuffer: formatBytes(sendBuffer),
      window: formatBytes(window),
      parkTotal: formatBytes(parkTotal),
    },
  );
}

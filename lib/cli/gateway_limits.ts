import type { GatewayReport } from "../gateway/mod.ts";
import { roomLogger } from "../observe/logger.ts";
import { readFileLimit } from "../transport/fd_limit.ts";
import type { Settings } from "./option_table.ts";
import { formatBytes, formatCount } from "./table.ts";

const logger = roomLogger("cli");

/** Says what the limits of a gateway come to. */
export async function tellLimits(
  { maxClients }: Pick<GatewayReport, "maxClients">,
  { maxMessage, sendBuffer, window, parkTotal }: Settings,
): Promise<void> {
  const files = await readFileLimit();
  logger.info(
    "Limits: {clients} clients, {files} file descriptors, {maxMessage} a message, {sendBuffer} queued a client, {window} in flight a worker, {parkTotal} parked",
    {
      clients: formatCount(maxClients),
      files: files === undefined ? "unknown" : formatCount(files),
      maxMessage: formatBytes(maxMessage),
      sendBuffer: formatBytes(sendBuffer),
      window: formatBytes(window),
      parkTotal: formatBytes(parkTotal),
    },
  );
}

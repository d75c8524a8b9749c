import type { GatewayReport } from "../../gateway/mod.ts";
import { roomLogger } from "../../observe/logger.ts";
import {
  boundedByFiles,
  readFileLimit,
} from "../../transport/admission/fd_limit.ts";
import type { Settings } from "./option_table.ts";
import { formatBytes, formatCount } from "../print/table.ts";

const logger = roomLogger("cli");

/**
 * Lowers the number of clients to what the file descriptors allow. A supervisor does
 * so for its gateways, which have the same limit and may not read it.
 */
export async function withinFileLimit(settings: Settings): Promise<Settings> {
  const { maxConnections: wanted } = settings;
  const limit = settings.fileLimit || await readFileLimit();
  const maxConnections = boundedByFiles(wanted, limit);
  if (maxConnections < wanted) {
    logger.warn(
      "Takes {maxConnections} clients a gateway, not {wanted}: more file descriptors are not allowed (ulimit -n)",
      { maxConnections, wanted },
    );
  }
  return { ...settings, maxConnections, fileLimit: limit ?? 0 };
}

/** Says what the limits of a gateway come to. */
export function tellLimits(
  { maxClients }: Pick<GatewayReport, "maxClients">,
  { fileLimit, maxMessage, sendBuffer, window, parkTotal }: Settings,
): void {
  logger.info(
    "Limits: {clients} clients, {files} file descriptors, {maxMessage} a message, {sendBuffer} queued a client, {window} in flight a worker, {parkTotal} parked",
    {
      clients: formatCount(maxClients),
      files: fileLimit === 0 ? "unknown" : formatCount(fileLimit),
      maxMessage: formatBytes(maxMessage),
      sendBuffer: formatBytes(sendBuffer),
      window: formatBytes(window),
      parkTotal: formatBytes(parkTotal),
    },
  );
}

import { roomLogger } from "../../observe/logger.ts";

const logger = roomLogger("cli");

/** Where Linux says what becomes of connections that a closed listener has not accepted. */
const SETTING = "/proc/sys/net/ipv4/tcp_migrate_req";

/**
 * Says, once, what the system does to clients when one of several gateways on a port
 * stops: those that wait for it to accept them are reset, unless the setting has the
 * others take them over. Says nothing where that is so, or cannot be told.
 *
 * @param path Where the setting is.
 */
export async function tellSharedPort(path: string = SETTING): Promise<void> {
  if (await readSetting(path) !== "0") return;
  logger.info(
    "Gateways share a port, and net.ipv4.tcp_migrate_req is 0: when one of them stops, clients that it has not accepted yet are reset; with sysctl -w net.ipv4.tcp_migrate_req=1 the others take them",
  );
}

async function readSetting(path: string): Promise<string | undefined> {
  // Nobody is asked for a permission that is nice to have.
  const read = await Deno.permissions.query({ name: "read", path });
  if (read.state !== "granted") return undefined;
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch (error) {
    // Another system, or an older Linux: there is no such setting.
    const isNormal = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotCapable;
    if (isNormal) return undefined;
    throw error;
  }
}

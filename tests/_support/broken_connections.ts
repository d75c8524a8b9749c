import { connect } from "node:net";
import { parseAddress } from "../../lib/base/address.ts";

/**
 * Connects to an address again and again, and breaks each connection before anybody
 * takes it: this process does nothing else meanwhile.
 *
 * @param address Where somebody listens in this process.
 * @param count How many.
 */
export function breakConnections(address: string, count: number): void {
  const { code, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", import.meta.url, address, String(count)],
  }).outputSync();
  if (code === 0) return;
  throw new Error(
    `Cannot break connections: ${new TextDecoder().decode(stderr)}`,
  );
}

if (import.meta.main) {
  const [address = "", count] = Deno.args;
  const { hostname: host, port } = parseAddress(address);
  for (let i = 0; i < Number(count); i++) {
    const broken = Promise.withResolvers<void>();
    const socket = connect({ host, port }, () => socket.resetAndDestroy());
    socket.on("error", broken.reject).on("close", () => broken.resolve());
    await broken.promise;
  }
}

import { readEnv } from "../options/read_env.ts";

/**
 * Says who gives an order, for the log of those who follow it: as much as the system
 * tells. It is a word of theirs, and proves nothing.
 */
export function whoAsks(): string {
  const real = readEnv("SUDO_USER");
  const user = readEnv("USER") ?? readEnv("LOGNAME") ?? "somebody";
  const name = real === undefined ? user : `${real} as ${user}`;
  return `${name} (pid ${Deno.pid})`;
}

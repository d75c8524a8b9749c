import { parseAddress } from "../../base/address.ts";
import { RuntimeDir } from "../../process/runtime_dir.ts";
import type { Settings } from "../options/option_table.ts";
import { readEnv } from "../options/read_env.ts";

/**
 * Returns where this machine's part of a cluster leaves word of itself: as told, or
 * a folder of this user's and this cluster's own, which its Register's port names.
 */
export function runtimeDirOf(
  { runtimeDir, register: [register = ""] }: Settings,
): RuntimeDir {
  if (runtimeDir !== "") return new RuntimeDir(runtimeDir);
  const own = readEnv("XDG_RUNTIME_DIR");
  const base = own === undefined
    ? `${readEnv("TMPDIR") ?? "/tmp"}/gatewayworker-${Deno.uid() ?? "me"}`
    : `${own}/gatewayworker`;
  return new RuntimeDir(`${base}/${parseAddress(register).port}`, base);
}

/** Whether this process may have a control socket; nobody is asked. */
export function mayControl(settings: Settings): boolean {
  if (Deno.build.os === "windows") return false;
  if (!isGranted({ name: "sys", kind: "uid" })) return false;
  const { path } = runtimeDirOf(settings);
  return isGranted({ name: "net" }) && isGranted({ name: "read", path }) &&
    isGranted({ name: "write", path });
}

function isGranted(descriptor: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(descriptor).state === "granted";
}

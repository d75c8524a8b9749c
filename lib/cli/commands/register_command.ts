import type { ChildSpec } from "../../process/child.ts";
import { childSpec } from "./child_command.ts";
import type { Command, CommandContext } from "../options/command.ts";
import { REGISTER_KEYS } from "../options/role_keys.ts";
import type { WorldFiles } from "../world/world_files.ts";
import { serve } from "../run/serve.ts";

/** Runs a Register in this process. */
export const registerCommand: Command = {
  name: "register",
  operands: [],
  summary: "run a Register, which tells workers where the gateways are",
  description:
    `Runs a Register: gateways and workers tell it that they are there, and it tells
workers where the gateways are. It carries no client traffic, and a running
cluster goes on without it. One is enough; several make joining more robust.`,
  examples: `
# for this machine
deno run -A cli.ts register
# for the machines of a private network, with a key
deno run -A cli.ts register --register-listen 10.0.0.1:1236 --secret-key-file key.txt`,
  options: REGISTER_KEYS,
  run: async (context) => {
    const { runRegister } = await import("../roles/register.ts");
    return await runRegister(context, serve);
  },
};

/** How to run a Register as a child, on the first address of `register`. */
export function registerChild(
  { settings }: CommandContext,
  worlds: WorldFiles,
): ChildSpec {
  const [registerListen = ""] = settings.register;
  return childSpec({
    name: "register",
    command: registerCommand,
    operands: [],
    settings: { ...settings, registerListen },
    entry: import.meta.resolve("../roles/register.ts"),
    permissions: ["--allow-net"],
    files: [],
    world: worlds.of(""),
  });
}

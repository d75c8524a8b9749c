import type { Command } from "./command.ts";
import { gatewayCommand } from "./gateway_command.ts";
import { registerCommand } from "./register_command.ts";
import { startCommand } from "./start_command.ts";
import { workerCommand } from "./worker_command.ts";

/** Every command, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  startCommand,
  registerCommand,
  gatewayCommand,
  workerCommand,
];

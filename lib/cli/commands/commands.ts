import { bridgeCommand } from "./bridge_command.ts";
import { apiCommand } from "./api_command.ts";
import { askCommand } from "./ask_command.ts";
import { auditCommand } from "./audit_command.ts";
import { closeCommand } from "./close_command.ts";
import { allowCommand, refuseCommand } from "./refuse_command.ts";
import type { Command } from "../options/command.ts";
import { configCommand } from "./config_command.ts";
import { connectionsCommand } from "./connections_command.ts";
import { drainCommand } from "./drain_command.ts";
import { gatewayCommand } from "./gateway_command.ts";
import { rebalanceCommand } from "./rebalance_command.ts";
import { registerCommand } from "./register_command.ts";
import { initCommand } from "./init_command.ts";
import { notifyCommand } from "./notify_command.ts";
import { queryCommand } from "./query_command.ts";
import { reloadCommand } from "./reload_command.ts";
import { sendCommand } from "./send_command.ts";
import { startCommand } from "./start_command.ts";
import { statusCommand } from "./status_command.ts";
import { tapCommand } from "./tap_command.ts";
import { stopCommand } from "./stop_command.ts";
import { workerCommand } from "./worker_command.ts";

/** Every command, in the order of `--help`. */
export const COMMANDS: readonly Command[] = [
  initCommand,
  startCommand,
  registerCommand,
  gatewayCommand,
  workerCommand,
  bridgeCommand,
  apiCommand,
  sendCommand,
  notifyCommand,
  askCommand,
  queryCommand,
  closeCommand,
  refuseCommand,
  allowCommand,
  statusCommand,
  connectionsCommand,
  tapCommand,
  auditCommand,
  reloadCommand,
  drainCommand,
  rebalanceCommand,
  stopCommand,
  configCommand,
];

import { BRIDGE_OPTIONS } from "./bridge_options.ts";
import { CLIENT_OPTIONS } from "./client_options.ts";
import { GATEWAY_OPTIONS } from "./gateway_options.ts";
import { NATS_KEYS, PUSH_KEYS } from "./nats_options.ts";
import { keysOf, type OptionKey } from "./option_table.ts";
import { LINKED_ROLE_KEYS } from "./process_options.ts";
import { PHP_DIAL_KEYS, PHP_LISTEN_KEYS } from "./php_options.ts";
import { LISTEN_TRUST_KEYS, NODE_TRUST_KEYS } from "./trust_options.ts";
import { WORKER_OPTIONS } from "./worker_options.ts";

/** What a Register can be told. */
export const REGISTER_KEYS: readonly OptionKey[] = [
  "registerListen",
  ...LISTEN_TRUST_KEYS,
  "acceptPlainKey",
  ...PHP_LISTEN_KEYS,
  "maxPeers",
  "identifyTimeout",
  "staleTimeout",
  "stopTimeout",
  "stopDelay",
  "runtimeDir",
  "admin",
  "apiToken",
];

/** What a gateway can be told. */
export const GATEWAY_KEYS: readonly OptionKey[] = [
  ...keysOf(GATEWAY_OPTIONS),
  ...keysOf(CLIENT_OPTIONS),
  "register",
  "count",
  "name",
  ...LISTEN_TRUST_KEYS,
  ...PHP_LISTEN_KEYS,
  "phpRegisters",
  "prefer",
  ...LINKED_ROLE_KEYS,
  "reusePort",
  "id",
  "fileLimit",
];

/** What a bridge can be told. */
export const BRIDGE_KEYS: readonly OptionKey[] = [
  ...keysOf(BRIDGE_OPTIONS),
  ...NATS_KEYS,
  ...PUSH_KEYS,
  "register",
  "name",
  "lanIp",
  "lanListen",
  ...LISTEN_TRUST_KEYS,
  "linkHeartbeat",
  "gatherWithin",
  "linkBuffer",
  "stopTimeout",
  "stopDelay",
  "runtimeDir",
  "admin",
  "apiToken",
];

/** What a worker can be told. */
export const WORKER_KEYS: readonly OptionKey[] = [
  ...keysOf(WORKER_OPTIONS),
  "register",
  "count",
  "name",
  ...NODE_TRUST_KEYS,
  ...PHP_DIAL_KEYS,
  ...LINKED_ROLE_KEYS,
  "id",
];

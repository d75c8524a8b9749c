import { BRIDGE_QUANTITIES } from "../../bridge/quantities.ts";
import { amount } from "./amount.ts";
import { SECRET_KEYS, text, TEXTS } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options of bridges. */
export const BRIDGE_OPTIONS = {
  cell: {
    common: true,
    kind: text("NAME"),
    default: "",
    help: "What this cluster is called among those that are joined",
    defaultText: "none",
  },
  bridgePort: {
    ...amount(BRIDGE_QUANTITIES.bridgePort),
    help: "Port of a bridge for the workers of its cell; 0 for any",
  },
  cellKey: {
    kind: SECRET_KEYS,
    default: "",
    help:
      "Key that the bridges of all cells share, or several; the first one seals; prefer the file",
    defaultText: "none",
    secret: true,
  },
  cellKeyFile: {
    common: true,
    kind: text("FILE"),
    default: "",
    help: "File with such keys, one a line; read again on SIGHUP",
    defaultText: "none",
    readsFile: true,
  },
  acceptFromCells: {
    kind: TEXTS,
    default: [],
    help:
      "Which cells may do what here: send, close, session, all or query, then = and cells with + between, such as close=eu+us; repeatable",
    defaultText: "every cell everything",
  },
  cellShards: {
    ...amount(BRIDGE_QUANTITIES.cellShards),
    help:
      "Parts of uids and groups, for each of which one bridge of a cell is active; the same in all cells",
  },
} satisfies OptionTable;

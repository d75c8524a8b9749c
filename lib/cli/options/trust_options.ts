import { FLAG, NETWORKS, text } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options about whom to believe. */
export const TRUST_OPTIONS = {
  lanCert: {
    kind: text("FILE"),
    default: "",
    help: "Certificate for links and Registers, in PEM: turns TLS on",
    defaultText: "none",
    readsFile: true,
  },
  lanKey: {
    kind: text("FILE"),
    default: "",
    help: "Private key of the certificate for links and Registers",
    defaultText: "none",
    readsFile: true,
  },
  lanCa: {
    kind: text("FILE"),
    default: "",
    help:
      "The only authorities whose certificates are believed; nodes without one are refused",
    defaultText: "none",
    readsFile: true,
  },
  lanAllow: {
    kind: NETWORKS,
    default: [],
    help: "Networks that nodes may come from, such as 10.0.0.0/8; repeatable",
    defaultText: "any",
  },
  insecure: {
    kind: FLAG,
    default: false,
    help:
      "Start without a key on an address that other machines reach: whoever reaches it may read, send and close everything",
  },
  acceptPlainKey: {
    kind: FLAG,
    default: false,
    help:
      "Let nodes of the original on other machines send the key in clear, as they do",
  },
} satisfies OptionTable;

/** Options of every node. */
export const NODE_TRUST_KEYS = [
  "secretKey",
  "secretKeyFile",
  "lanCert",
  "lanKey",
  "lanCa",
] as const;

/** Options of nodes that others dial. */
export const LISTEN_TRUST_KEYS = [
  ...NODE_TRUST_KEYS,
  "lanAllow",
  "insecure",
] as const;

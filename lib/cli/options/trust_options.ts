import type { ListenTrustOptions, TrustOptions } from "../../peer/trust.ts";
import { FLAG, NETWORKS, text } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What nodes are told of whom to believe, beside the secret key. */
export interface TrustSettings {
  /** Certificate chain for links and Registers; empty for none. */
  lanCert: string;
  /** Private key of the certificate; empty for none. */
  lanKey: string;
  /** Certificates of the authorities that are believed; empty for none. */
  lanCa: string;
  /** Networks that nodes may come from; empty for any. */
  lanAllow: readonly string[];
  /** Whether strangers may join. */
  insecure: boolean;
  /** Whether nodes of the original may send the key itself over the network. */
  acceptPlainKey: boolean;
}

/** The options about whom to believe. */
export const TRUST_OPTIONS: OptionTable<TrustSettings> = {
  lanCert: {
    name: "lan-cert",
    kind: text("FILE"),
    default: "",
    help: "Certificate for links and Registers, in PEM: turns TLS on",
    defaultText: "none",
    readsFile: true,
  },
  lanKey: {
    name: "lan-key",
    kind: text("FILE"),
    default: "",
    help: "Private key of that certificate",
    defaultText: "none",
    readsFile: true,
  },
  lanCa: {
    name: "lan-ca",
    kind: text("FILE"),
    default: "",
    help:
      "The only authorities whose certificates are believed; nodes without one are refused",
    defaultText: "none",
    readsFile: true,
  },
  lanAllow: {
    name: "lan-allow",
    kind: NETWORKS,
    default: [],
    help: "Networks that nodes may come from, such as 10.0.0.0/8; repeatable",
    defaultText: "any",
  },
  insecure: {
    name: "insecure",
    kind: FLAG,
    default: false,
    help:
      "Start without a key on an address that other machines reach: whoever reaches it may read, send and close everything",
  },
  acceptPlainKey: {
    name: "accept-plain-key",
    kind: FLAG,
    default: false,
    help:
      "Let nodes of the original on other machines send the key in clear, as they do",
  },
};

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

/** Where {@linkcode trustOptions} finds what it needs. */
type Source =
  & Omit<TrustSettings, "acceptPlainKey">
  & { readonly secretKey: string; readonly secretKeyFile: string };

/** Returns what a node believes and shows. A file with keys is the role's to read. */
export function trustOptions(settings: Source): TrustOptions {
  const { secretKey, secretKeyFile, lanCert, lanKey, lanCa } = settings;
  return {
    ...(secretKeyFile === ""
      ? { secretKey: secretKey.split(",") }
      : { secretKeyFile }),
    ...(lanCert === "" ? {} : { lanCert }),
    ...(lanKey === "" ? {} : { lanKey }),
    ...(lanCa === "" ? {} : { lanCa }),
  };
}

/** Returns the same for a node that others dial. */
export function listenTrustOptions(settings: Source): ListenTrustOptions {
  const { lanAllow, insecure } = settings;
  return { ...trustOptions(settings), lanAllow, insecure };
}

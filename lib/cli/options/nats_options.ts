import type { NatsOptions } from "../../nats/nats_options.ts";
import { NATS_URLS } from "./nats_kind.ts";
import { SECRET_KEYS, text } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options about NATS: where it is, and who we are there. */
export const NATS_OPTIONS = {
  nats: {
    kind: NATS_URLS,
    default: [],
    help:
      "Servers of one NATS, any of which will do; tls:// where only TLS will do",
    defaultText: "none",
  },
  natsCreds: {
    kind: text("FILE"),
    default: "",
    help: "Credentials of a user of NATS, as nsc writes them",
    defaultText: "none",
    readsFile: true,
  },
  natsNkey: {
    kind: text("FILE"),
    default: "",
    help: "Seed of an nkey to log in to NATS with",
    defaultText: "none",
    readsFile: true,
  },
  natsUser: {
    kind: text("NAME"),
    default: "",
    help: "User of NATS that has a password",
    defaultText: "none",
  },
  natsPasswordFile: {
    kind: text("FILE"),
    default: "",
    help: "The password of that user",
    defaultText: "none",
    readsFile: true,
  },
  natsTokenFile: {
    kind: text("FILE"),
    default: "",
    help: "Token to log in to NATS with",
    defaultText: "none",
    readsFile: true,
  },
  natsCa: {
    kind: text("FILE"),
    default: "",
    help:
      "Authorities of which servers of NATS must show a certificate, in PEM",
    defaultText: "those of the system",
    readsFile: true,
  },
  natsCert: {
    kind: text("FILE"),
    default: "",
    help: "Certificate to show to servers of NATS, in PEM",
    defaultText: "none",
    readsFile: true,
  },
  natsKey: {
    kind: text("FILE"),
    default: "",
    help: "Private key of that certificate",
    defaultText: "none",
    readsFile: true,
  },
  cluster: {
    kind: text("NAME"),
    default: "main",
    help: "Name of all cells together, which begins their subjects",
  },
  pushKey: {
    kind: SECRET_KEYS,
    default: "",
    help:
      "Key of programs that reach clients by way of NATS, or several; the first one seals",
    defaultText: "none",
    secret: true,
  },
  pushKeyFile: {
    kind: text("FILE"),
    default: "",
    help: "File with such keys, one a line",
    defaultText: "none",
    readsFile: true,
  },
} satisfies OptionTable;

/** Options of programs that push by way of NATS. */
export const PUSH_KEYS = ["cluster", "pushKey", "pushKeyFile"] as const;

/** Options of who speaks with NATS. */
export const NATS_KEYS = [
  "nats",
  "natsCreds",
  "natsNkey",
  "natsUser",
  "natsPasswordFile",
  "natsTokenFile",
  "natsCa",
  "natsCert",
  "natsKey",
] as const;

/** Returns where NATS is, and who we are there. */
export function natsOptions(
  settings: Readonly<
    & Record<Exclude<typeof NATS_KEYS[number], "nats">, string>
    & { nats: readonly string[] }
  >,
): NatsOptions {
  const { nats, ...rest } = settings;
  const files = NATS_KEYS.filter((key) => key !== "nats")
    .map((key) => [key, rest[key]] as const)
    .filter(([, value]) => value !== "");
  return { nats, ...Object.fromEntries(files) };
}

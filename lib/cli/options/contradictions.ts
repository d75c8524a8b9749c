/**
 * What options that are right one by one cannot be together, or on this machine.
 *
 * @module
 */
import { hostOf, isLoopback } from "../../base/address.ts";
import { isPem } from "../../base/pem.ts";
import { authorizeFiles } from "./load_authorize.ts";
import { type OptionKey, OPTIONS, type Settings } from "./option_table.ts";

/** What there is to look at. */
export interface Configured {
  /** The options of the command. */
  readonly keys: readonly OptionKey[];
  /** Their values. */
  readonly settings: Settings;
  /** Where a value came from, such as `--lan-ip`; `undefined` for a default. */
  where(key: OptionKey): string | undefined;
  /** Whether it is sure that there is no such file. */
  isMissing(path: string): boolean;
}

/** Finds them, one line each. */
export function contradictions(configured: Configured): string[] {
  return [
    missingFiles,
    halfPairs,
    lackOfCertificate,
    idleCompression,
    unreadHeader,
    idlePhp,
    phpWithTls,
    openPhp,
    tooFewBytes,
    tooFewPorts,
    openToOthers,
  ].flatMap((find) => find(configured));
}

function missingFiles(
  { keys, settings, where, isMissing }: Configured,
): string[] {
  return keys.flatMap((key) =>
    filesOf(key, settings).filter(isMissing).map((path) =>
      `Cannot use ${
        where(key)
      } as there is no such file in ${Deno.cwd()}: current value is "${path}"`
    )
  );
}

/** Files that a role is going to read. The one with keys has been read already. */
function filesOf(key: OptionKey, settings: Settings): string[] {
  if (key === "authorize") return authorizeFiles(settings.authorize);
  const value = settings[key];
  return OPTIONS[key].readsFile && key !== "secretKeyFile" &&
      typeof value === "string" && value !== "" &&
      !isPem(value)
    ? [value]
    : [];
}

const PAIRS = [["cert", "key"], ["lanCert", "lanKey"], [
  "natsCert",
  "natsKey",
]] as const;

function halfPairs({ where }: Configured): string[] {
  return PAIRS.flatMap((pair) => {
    const [given, ...more] = pair.map(where).filter((it) => it !== undefined);
    const [lacking = pair[0]] = pair.filter((key) => where(key) === undefined);
    return given === undefined || more.length > 0 ? [] : [
      `Cannot use ${given} without --${
        OPTIONS[lacking].name
      }: a certificate and its key belong together`,
    ];
  });
}

function lackOfCertificate({ keys, settings, where }: Configured): string[] {
  const hasCertificate = (where("cert") ?? where("key")) !== undefined;
  if (!keys.includes("cert") || hasCertificate) return [];
  return settings.listen
    .filter((url) => /^(wss|tls\+\w+):/.test(url))
    .map((url) =>
      `Cannot use ${
        where("listen")
      } as "${url}" needs a certificate: give --cert and --key`
    );
}

function idleCompression({ keys, settings, where }: Configured): string[] {
  if (settings.compression) return [];
  return keys
    .filter((key) => key.startsWith("compression") && key !== "compression")
    .map(where)
    .filter((given) => given !== undefined)
    .map((given) =>
      `Cannot use ${given} without --compression: nothing is compressed`
    );
}

function unreadHeader({ keys, settings, where }: Configured): string[] {
  const given = where("forwardedHeader");
  if (!keys.includes("forwardedHeader") || given === undefined) return [];
  if (settings.proxyProtocol) {
    return [
      `Cannot use ${given} with --proxy-protocol: that says already who the client is`,
    ];
  }
  return settings.trustedProxies.length > 0 ? [] : [
    `Cannot use ${given} without --trusted-proxies: nobody is believed`,
  ];
}

function idlePhp({ keys, settings, where }: Configured): string[] {
  if (!keys.includes("phpPeers") || settings.phpPeers) return [];
  return (["phpSecretKey", "prefer", "phpRegisters", "phpGateways"] as const)
    .filter((key) => keys.includes(key) && where(key) !== undefined)
    .filter((key) => settings[key] !== OPTIONS[key].default)
    .map((key) =>
      `Cannot use ${
        where(key)
      } without --php-peers: nodes of PHP are not spoken with`
    );
}

function phpWithTls({ keys, settings, where }: Configured): string[] {
  if (!keys.includes("phpPeers") || !settings.phpPeers) return [];
  const tls = where("lanCert") ?? where("lanCa");
  return tls === undefined ? [] : [
    `Cannot use ${
      where("phpPeers")
    } with ${tls}: nodes of PHP speak no TLS, and there is no mixture on one port`,
  ];
}

function openPhp({ keys, settings, where }: Configured): string[] {
  const { phpPeers, lanAllow, lanIp, lanListen } = settings;
  const host = lanListen || lanIp;
  const isOpen = phpPeers && lanAllow.length === 0 && host !== "" &&
    !isLoopback(host);
  if (!keys.includes("phpPeers") || !keys.includes("lanIp") || !isOpen) {
    return [];
  }
  return [
    `Cannot use ${
      where("phpPeers")
    } on ${host} without --lan-allow: their key crosses the network in clear, so say which networks they may come from`,
  ];
}

function tooFewBytes({ keys, settings, where }: Configured): string[] {
  const { maxUnfinished, maxMessage } = settings;
  if (!keys.includes("maxUnfinished") || maxUnfinished >= maxMessage) return [];
  const given = where("maxUnfinished") ?? where("maxMessage");
  return [
    `Cannot use ${given} as --max-unfinished must be at least --max-message: current values are ${maxUnfinished} and ${maxMessage}`,
  ];
}

function tooFewPorts({ keys, settings, where }: Configured): string[] {
  const { startPort, gateways, count } = settings;
  const processes = Math.max(gateways, count);
  // Several can be replaced, by others with ports of their own.
  const ports = processes > 1 ? 2 * processes : 1;
  if (!keys.includes("startPort") || startPort + ports <= 65_536) return [];
  return [
    `Cannot use ${
      where("startPort") ?? "--start-port"
    } as ${ports} ports from it on must exist: current value is ${startPort}`,
  ];
}

const PLACES = ["listen", "register", "lanIp", "lanListen", "admin"] as const;

/** What is reloaded at each change is for whoever changes it. */
function openToOthers({ settings, where }: Configured): string[] {
  if (!settings.dev) return [];
  return PLACES.flatMap((key) =>
    [settings[key]].flat()
      .filter((place) => where(key) !== undefined && !isOnThisMachine(place))
      .map((place) =>
        `Cannot use ${
          where(key)
        } with --dev as that is for this machine alone, such as 127.0.0.1: current value is "${place}"`
      )
  );
}

/** Of a listen URL, an address or a host. */
function isOnThisMachine(place: string): boolean {
  const address = place.replace(/^[^/]*:\/\//, "");
  return isLoopback(hostOf(address)) || isLoopback(address);
}

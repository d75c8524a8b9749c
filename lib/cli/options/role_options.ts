/**
 * What a role is told, made of the settings of the command line. Seconds become
 * milliseconds here, and nowhere else.
 *
 * @module
 */
import type { BridgeOptions } from "../../bridge/mod.ts";
import { natsOptions } from "./nats_options.ts";
import type { GatewayOptions } from "../../gateway/mod.ts";
import type { ListenTrustOptions, TrustOptions } from "../../peer/trust.ts";
import type { RegisterOptions } from "../../register/mod.ts";
import type { OriginalOptions } from "../../cluster/mod.ts";
import { watchedNames } from "./presence_kind.ts";
import { NO_LABELS, parseLabels } from "../../wire/bodies/labels.ts";
import type { BusinessWorkerOptions } from "../../worker/mod.ts";
import { limitsOf } from "./limits_kind.ts";
import { closeCodesOf } from "./close_codes_kind.ts";
import type { Settings } from "./option_table.ts";

/** Seconds that a start or stop may take beside what the roles wait for. */
const MARGIN = 5;

/** Returns what a node believes and shows. A file with keys is the role's to read. */
export function trustOptions(settings: Settings): TrustOptions {
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
export function listenTrustOptions(settings: Settings): ListenTrustOptions {
  const { lanAllow, insecure } = settings;
  return { ...trustOptions(settings), lanAllow, insecure };
}

/** Returns with which nodes of the original a node of ours speaks. */
export function originalOptions(settings: Settings): OriginalOptions {
  const { phpPeers, phpGateways, phpRegisters, phpSecretKey } = settings;
  return { phpPeers, phpGateways, phpRegisters, phpSecretKey };
}

/** Returns the options of a Register. */
export function registerOptions(settings: Settings): RegisterOptions {
  return {
    listen: settings.registerListen,
    ...listenTrustOptions(settings),
    acceptPlainKey: settings.acceptPlainKey,
    phpPeers: settings.phpPeers,
    phpSecretKey: settings.phpSecretKey,
    maxConnections: settings.maxPeers,
    identifyTimeout: settings.identifyTimeout * 1000,
    staleTimeout: settings.staleTimeout * 1000,
  };
}

/** Returns the options of a gateway. */
export function gatewayOptions(settings: Settings): GatewayOptions {
  const { lanIp, lanListen, name } = settings;
  return {
    listen: settings.listen,
    register: settings.register,
    startPort: settings.startPort,
    ...listenTrustOptions(settings),
    phpPeers: settings.phpPeers,
    phpSecretKey: settings.phpSecretKey,
    phpRegisters: settings.phpRegisters,
    prefer: settings.prefer,
    pingInterval: settings.pingInterval,
    pingData: settings.pingData,
    pingNotResponseLimit: settings.pingNotResponseLimit,
    closeCodes: closeCodesOf(settings.closeCodes),
    maxMessage: settings.maxMessage,
    sendBuffer: settings.sendBuffer,
    maxConnections: settings.maxConnections,
    ...clientOptions(settings),
    window: settings.window,
    route: settings.route,
    parkTimeout: settings.parkTimeout * 1000,
    parkBytes: settings.parkBytes,
    parkTotal: settings.parkTotal,
    maxDeliveries: settings.maxDeliveries,
    maxPendingRequests: settings.maxPendingRequests,
    maxSession: settings.maxSession,
    linkHeartbeat: settings.linkHeartbeat * 1000,
    gatherWithin: settings.gatherWithin,
    drainRate: settings.drainRate,
    acceptRate: settings.acceptRate,
    traceSample: settings.traceSample,
    stopTimeout: settings.closeTimeout * 1000,
    reusePort: settings.reusePort,
    index: settings.id,
    ...(lanIp === "" ? {} : { lanIp }),
    ...(lanListen === "" ? {} : { lanListen }),
    ...(name === "" ? {} : { name }),
  };
}

function clientOptions(settings: Settings): GatewayOptions {
  const { cert, key, clientCa, compression } = settings;
  return {
    origins: settings.origins,
    subprotocols: settings.subprotocols,
    serveClient: settings.serveClient,
    trustedProxies: settings.trustedProxies,
    forwardedHeader: settings.forwardedHeader,
    proxyProtocol: settings.proxyProtocol,
    maxPerAddress: settings.maxPerAddress,
    addressPrefix: settings.addressPrefix,
    addressPrefixV4: settings.addressPrefixV4,
    limits: limitsOf(settings.limits),
    flushWithin: settings.flushWithin,
    maxUnfinished: settings.maxUnfinished,
    maxMessageRate: settings.maxMessageRate,
    maxByteRate: settings.maxByteRate,
    ratePolicy: settings.ratePolicy,
    handshakeTimeout: settings.handshakeTimeout * 1000,
    idleTimeout: settings.idleTimeout * 1000,
    authorizeTimeout: settings.authorizeTimeout * 1000,
    maxHeaderSize: settings.maxHeaderSize,
    maxHeaders: settings.maxHeaders,
    ...(cert === "" ? {} : { cert }),
    ...(key === "" ? {} : { key }),
    ...(clientCa === "" ? {} : { clientCa }),
    ...(compression ? { compression: compressionOptions(settings) } : {}),
    ...(settings.resume ? { resume: resumeOptions(settings) } : {}),
  };
}

function resumeOptions(
  settings: Settings,
): NonNullable<GatewayOptions["resume"]> {
  return {
    window: settings.resumeWindow * 1000,
    bytes: settings.resumeBytes,
    total: settings.resumeTotal,
    maxAway: settings.resumeMaxAway,
    pingInterval: settings.resumePing * 1000,
    eventStreams: settings.eventStreams,
  };
}

function compressionOptions(
  settings: Settings,
): NonNullable<GatewayOptions["compression"]> {
  return {
    threshold: settings.compressionThreshold,
    level: settings.compressionLevel,
    contextTakeover: settings.compressionContextTakeover,
    windowBits: settings.compressionWindowBits,
  };
}

/** Returns the options of a bridge. */
export function bridgeOptions(settings: Settings): BridgeOptions {
  const { cellKeyFile, pushKeyFile, lanIp, lanListen, name } = settings;
  return {
    cell: settings.cell,
    cluster: settings.cluster,
    ...natsOptions(settings),
    cellKey: settings.cellKey.split(","),
    pushKey: settings.pushKey.split(","),
    ...(cellKeyFile === "" ? {} : { cellKeyFile }),
    ...(pushKeyFile === "" ? {} : { pushKeyFile }),
    acceptFromCells: settings.acceptFromCells,
    cellShards: settings.cellShards,
    register: settings.register,
    bridgePort: settings.bridgePort,
    ...listenTrustOptions(settings),
    linkHeartbeat: settings.linkHeartbeat * 1000,
    gatherWithin: settings.gatherWithin,
    linkBuffer: settings.linkBuffer,
    ...(lanIp === "" ? {} : { lanIp }),
    ...(lanListen === "" ? {} : { lanListen }),
    ...(name === "" ? {} : { name }),
  };
}

/** If nothing is watched, the handler may say what is. */
function presenceOptions(
  settings: Settings,
): BusinessWorkerOptions["presence"] {
  if (settings.presence.length === 0) return undefined;
  return {
    ...watchedNames(settings.presence),
    grace: settings.presenceGrace * 1000,
    clients: settings.presenceClients,
  };
}

/** Returns the options of a worker, apart from its handler. */
export function workerOptions(
  settings: Settings,
): Omit<BusinessWorkerOptions, "handler"> {
  const { name } = settings;
  return {
    register: settings.register,
    ...trustOptions(settings),
    ...originalOptions(settings),
    labels: parseLabels(settings.label.join(",")) ?? NO_LABELS,
    weight: settings.weight,
    presence: presenceOptions(settings),
    queryTimeout: settings.queryTimeout * 1000,
    drainTimeout: settings.drainTimeout * 1000,
    startTimeout: settings.startTimeout * 1000,
    handlerTimeout: settings.handlerTimeout * 1000,
    linkBuffer: settings.linkBuffer,
    linkHeartbeat: settings.linkHeartbeat * 1000,
    gatherWithin: settings.gatherWithin,
    index: settings.id,
    ...(name === "" ? {} : { name }),
  };
}

/** Returns the most milliseconds that a child may take to be ready; 0 for no limit. */
export function childStartTimeoutOf({ startTimeout }: Settings): number {
  // The child has given up by then by itself, unless its code blocks.
  return startTimeout === 0 ? 0 : 1000 * (startTimeout + MARGIN);
}

/** Returns the most milliseconds that a stop may take before it is cut short. */
export function stopTimeoutOf(settings: Settings): number {
  const { stopTimeout, closeTimeout, drainTimeout } = settings;
  const longest = closeTimeout + drainTimeout + MARGIN;
  return 1000 * (stopTimeout === 0 ? longest : stopTimeout);
}

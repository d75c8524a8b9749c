import type { CompressionOptions, Gateway } from "@gatewayworker/core";
import type {
  Connection,
  ConnectionListener,
} from "../../lib/transport/connection.ts";
import { ClientListener } from "../../lib/transport/listener/listener.ts";
import { startCluster } from "../_support/cluster.ts";
import { TEST_CERT, TEST_KEY } from "../unit/transport/_certificate.ts";
import { MAX_MESSAGE } from "./group_9_limits.ts";
import type { Target } from "./run_case.ts";

const DEFLATE: CompressionOptions = { threshold: 0, level: 1 };
const TAKEOVER: CompressionOptions = { ...DEFLATE, contextTakeover: true };

/** Milliseconds that a client that does not end its half may take. */
const CLOSE_TIMEOUT = 1_000;

/** Most bytes queued: what the largest case makes. */
const SEND_BUFFER = 4 * MAX_MESSAGE;

/** A target that is in use until disposed of. */
export interface RunningTarget extends AsyncDisposable {
  readonly target: Target;
}

function echoOf(connection: Connection): ConnectionListener {
  return {
    onOpen: () => {},
    onMessage: (buffer, start, end, binary) =>
      void connection.send(buffer, start, end, binary),
    onClose: () => {},
  };
}

/** Listeners that send every message back at once. */
export async function startTransport(
  scheme: "ws" | "wss" = "ws",
): Promise<RunningTarget> {
  const open = async (compression?: CompressionOptions) => {
    const listener = new ClientListener(`${scheme}://127.0.0.1:0`, {
      maxMessage: MAX_MESSAGE,
      sendBuffer: SEND_BUFFER,
      closeTimeout: CLOSE_TIMEOUT,
      cert: TEST_CERT,
      key: TEST_KEY,
      ...(compression === undefined ? {} : { compression }),
    }, echoOf);
    await listener.listening;
    return listener;
  };
  const listeners = {
    plain: await open(),
    deflate: await open(DEFLATE),
    takeover: await open(TAKEOVER),
  };
  const ports = {
    plain: listeners.plain.addr.port,
    deflate: listeners.deflate.addr.port,
    takeover: listeners.takeover.addr.port,
  };
  return {
    target: {
      ports,
      isStrict: true,
      ...(scheme === "wss" && { certificate: TEST_CERT }),
    },
    async [Symbol.asyncDispose]() {
      for (const listener of Object.values(listeners)) {
        await listener[Symbol.asyncDispose]();
      }
    },
  };
}

function portOf({ addrs }: Gateway, index: number): number {
  const port = addrs[index]?.port;
  if (port === undefined) throw new RangeError(`There is no listener ${index}`);
  return port;
}

/** A gateway whose worker sends every message back. */
export async function startGateway(): Promise<RunningTarget> {
  const cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return undefined;
      return event.binary ? event.bytes() : event.text();
    },
    gateway: {
      maxMessage: MAX_MESSAGE,
      sendBuffer: SEND_BUFFER,
      listen: [
        "ws://127.0.0.1:0",
        { url: "ws://127.0.0.1:0", compression: DEFLATE },
        { url: "ws://127.0.0.1:0", compression: TAKEOVER },
      ],
    },
  });
  const { gateway } = cluster;
  const ports = {
    plain: portOf(gateway, 0),
    deflate: portOf(gateway, 1),
    takeover: portOf(gateway, 2),
  };
  return {
    target: { ports, isStrict: false },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

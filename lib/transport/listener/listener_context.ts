import { hostOf } from "../../base/address.ts";
import { now } from "../../base/clock.ts";
import { roomLogger } from "../../observe/logger.ts";
import { TOO_MANY } from "../admission/refusal_answers.ts";
import { SubprotocolLog } from "../admission/subprotocol_log.ts";
import { Sweep } from "../admission/sweep.ts";
import { Throttle } from "../admission/throttle.ts";
import { TokenBucket } from "../admission/token_bucket.ts";
import { DISCARDED_PER_SECOND } from "../socket/parting.ts";
import { Surplus } from "../outgoing/surplus.ts";
import { WriteWindow } from "../outgoing/write_window.ts";
import { EventDoor } from "../events/event_door.ts";
import type { EventPort } from "../events/event_port.ts";
import { SharedDeflate } from "../websocket/deflate/websocket_deflate.ts";
import type { WebSocketContext } from "../websocket/websocket_context.ts";
import type { ListenerSettings } from "./listener_options.ts";

/** How often the sweep looks: often enough for the shortest time-out. */
const MIN_SWEEP_PERIOD = 5;
const MAX_SWEEP_PERIOD = 1_000;

/** What the sockets of one listener share, and what has to be freed when it ends. */
export interface ListenerContext extends WebSocketContext, Disposable {}

/** What a {@linkcode ListenerContext} tells. */
export interface ListenerContextCalls
  extends Pick<WebSocketContext, "enterFrom" | "onEnd"> {
  /** So many looks of the sweep make the listener's `idleTimeout`. */
  onIdleLook(idleTicks: number): void;
  /** A client has come without a WebSocket. */
  readonly openStream: EventPort["open"];
}

/** What a {@linkcode ListenerContext} is made of. */
export interface ContextSettings extends ListenerSettings {
  /** Whether clients speak inside TLS. */
  readonly tls: boolean;
}

/** Makes what the sockets of one listener share. */
export function createListenerContext(
  settings: ContextSettings,
  calls: ListenerContextCalls,
): ListenerContext {
  const { flushWithin, compression, idleTimeout, connectionLimit } = settings;
  const period = sweepPeriod(settings);
  const idleTicks = Math.ceil(idleTimeout / period);
  const onLook = () => calls.onIdleLook(idleTicks);
  const sweep = new Sweep({ period, ...(idleTimeout > 0 && { onLook }) });
  const throttle = new Throttle();
  const writeWindow = flushWithin > 0
    ? new WriteWindow(flushWithin)
    : undefined;
  const deflate = compression && new SharedDeflate(compression);
  return {
    ...settings,
    awaitsProxy: settings.proxyProtocol && !settings.tls,
    enterFrom: calls.enterFrom,
    visits: settings.events && new EventDoor(settings.events, {
      origins: settings.rules.origins,
      maxMessage: settings.maxMessage,
      open: calls.openStream,
    }),
    whyNotStay: (address) =>
      connectionLimit.maxPerAddress === Infinity ||
        connectionLimit.mayStay(hostOf(address))
        ? undefined
        : TOO_MANY,
    onEnd: calls.onEnd,
    sweep,
    throttle,
    discards: new TokenBucket(DISCARDED_PER_SECOND, now()),
    writeWindow,
    subprotocolLog: new SubprotocolLog(roomLogger("transport")),
    surplus: new Surplus({ now: () => sweep.time }),
    deflate,
    [Symbol.dispose]() {
      sweep[Symbol.dispose]();
      throttle[Symbol.dispose]();
      writeWindow?.[Symbol.dispose]();
      deflate?.close();
    },
  };
}

function sweepPeriod(settings: ListenerSettings): number {
  const { handshakeTimeout, closeTimeout, authorizeTimeout } = settings;
  const shortest = Math.min(
    handshakeTimeout,
    closeTimeout,
    authorizeTimeout,
    settings.idleTimeout || Infinity,
  );
  return Math.min(Math.max(shortest / 4, MIN_SWEEP_PERIOD), MAX_SWEEP_PERIOD);
}

import type { GatewayLinks } from "../cluster/gateway_links.ts";
import { roomLogger } from "../observe/logger.ts";
import type { Trust } from "../peer/trust.ts";
import { encodeBody } from "../wire/body.ts";
import { type Census, takeCensus } from "./census.ts";
import { LaneCloseEvent } from "./events/events.ts";
import type { GatewayStream } from "./gateway_stream.ts";
import type { Lane } from "./lane.ts";
import { LostGateways } from "./lost_gateways.ts";
import { findGone } from "./testament.ts";
import { Thaw } from "./thaw.ts";

const logger = roomLogger("worker");

/** The close event of a client whose gateway died. */
const GATEWAY_LOST = encodeBody({ code: 1006, reason: "gateway lost" });

/**
 * Gateways whose link was lost: finds out which are dead, and closes their clients,
 * those of workers that died with them included.
 */
export class GatewayDeaths {
  readonly #gateways: GatewayLinks;
  readonly #trust: Trust;
  readonly #lost: LostGateways;
  readonly #thaw: Thaw;
  readonly #dying = new Set<GatewayStream>();
  readonly #end = new AbortController();

  /**
   * @param gateways The links.
   * @param trust What Registers are asked with.
   * @param linkHeartbeat Milliseconds between two heartbeats on a link.
   */
  constructor(gateways: GatewayLinks, trust: Trust, linkHeartbeat: number) {
    this.#gateways = gateways;
    this.#trust = trust;
    this.#thaw = new Thaw({
      linkHeartbeat,
      lostRegisters: () => gateways.register.lostLinks,
      isListWhole: async () => (await this.#takeCensus()).reports.length > 0,
      signal: this.#end.signal,
    });
    this.#lost = new LostGateways(
      (address) => gateways.addresses.has(address),
      () => gateways.register.isInformed,
      (stream) => this.#raiseCloses(stream),
    );
  }

  /** Whether every lost gateway was judged, and all clients of the dead ones are closed. */
  get isSettled(): boolean {
    if (this.#lost.size > 0 || this.#thaw.isUnderWay) return false;
    for (const { lanes } of this.#dying) if (lanes.size > 0) return false;
    return true;
  }

  /** A gateway answers at an address. */
  onUp(address: string, instance: string): void {
    this.#lost.onUp(address, instance);
  }

  /** A gateway could not be linked to. */
  onFailed(address: string, error: unknown): void {
    this.#lost.onFailed(address, error);
  }

  /** The link to a gateway was lost. */
  onLost(
    { address, instance }: { address: string; instance: string },
    stream: GatewayStream,
  ): void {
    if (stream.lanes.size + stream.lanes.witnesses === 0) return;
    this.#lost.add(address, instance, stream);
  }

  /** Finds out who is dead. To be called several times a second. */
  judge(): void {
    this.#thaw.tick();
    this.#lost.judge();
    for (const stream of this.#dying) {
      if (stream.lanes.size === 0) this.#dying.delete(stream);
    }
  }

  /** This process stood still for so long: decides whose the clients are by now. */
  async afterStandingStill(
    time: number,
    linked: Iterable<GatewayStream>,
  ): Promise<void> {
    const streams = [...linked, ...this.#lost.streams()];
    const dead = await this.#thaw.begin(time, streams);
    for (const stream of dead) this.#raiseCloses(stream);
  }

  /** The worker ends: closes nobody any more. */
  end(): void {
    this.#end.abort();
  }

  #raiseCloses(stream: GatewayStream): void {
    if (this.#end.signal.aborted) return;
    if (stream.isGivenUp) {
      return logger.info("Gateway lost for good: others close its clients");
    }
    if (this.#thaw.defers(stream)) return;
    logger.warn("Gateway lost for good: closing {clients} clients", {
      clients: stream.lanes.size,
    });
    this.#dying.add(stream);
    stream.resume();
    for (const lane of [...stream.lanes.all()]) raiseClose(lane);
    void this.#raiseInherited(stream);
  }

  /** Raises the close events of clients whose worker is gone with their gateway. */
  async #raiseInherited(stream: GatewayStream): Promise<void> {
    const gone = findGone(stream.lanes.witnessed, () => this.#takeCensus(), {
      signal: this.#end.signal,
      isLate: stream.endedUnseen,
    });
    for await (const worker of gone) {
      const lanes = stream.lanes.inherit(worker);
      logger.warn("Closing {clients} clients of a worker lost with them", {
        clients: lanes.length,
      });
      this.#dying.add(stream);
      for (const lane of lanes) raiseClose(lane);
    }
  }

  #takeCensus(): Promise<Census> {
    return takeCensus(this.#gateways.register.witnesses, this.#trust);
  }
}

function raiseClose(lane: Lane): void {
  if (lane.isClosing) return;
  const { length } = GATEWAY_LOST;
  lane.push(new LaneCloseEvent(lane, 0, false, GATEWAY_LOST, 0, length), 0);
}

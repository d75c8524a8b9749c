import type { LinkFullError } from "../base/errors.ts";
import type { BridgeLinks } from "./bridge_links.ts";
import type { LinkedGateway } from "./linked_gateway.ts";

/** What the cluster API needs of the links to all gateways. */
export interface LinkedGateways {
  /** Whether it is known which gateways there are, and each was linked to or tried. */
  readonly isKnown: boolean;
  /** Whether the links were closed for good. */
  readonly isClosed: boolean;
  /** The gateways that are linked now. */
  all(): IterableIterator<LinkedGateway>;
  /** The bridges to other cells; absent where there can be none. */
  readonly bridges?: BridgeLinks;
  /** The linked gateway whose clients' ids begin so. */
  get(gatewayId: string): LinkedGateway | undefined;
  /**
   * Waits until the gateways are known, or for a while.
   *
   * @param timeout Milliseconds to wait.
   * @throws {LinkClosedError} If nobody has told of any in that time.
   */
  known(timeout: number): Promise<void>;
  /**
   * The addresses of gateways that should be linked and are not.
   *
   * @param isMeant Says of what its clients' ids begin with whether it matters.
   */
  missing(isMeant: (gatewayId: string) => boolean): string[];
  /** Counts and logs that nothing more is taken for a gateway; returns the error for it. */
  refuse(gateway: LinkedGateway): LinkFullError;
}

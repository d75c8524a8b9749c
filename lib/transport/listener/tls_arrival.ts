import type { Socket } from "node:net";
import { concat } from "../../base/concat.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { readProxyHeader } from "../admission/proxy_header.ts";
import type { Sweepable } from "../admission/sweep.ts";

/** A client on its way in: what a proxy says of it, then the handshake of TLS. */
export class TlsArrival implements Sweepable {
  /** The accepted connection. */
  readonly raw: Socket;

  /** Whoever connected; the client, once a proxy has said who that is. */
  remoteAddr: Deno.NetAddr;

  /** When it must be in; the sweep's. */
  deadline: number = Infinity;

  /** @param raw The accepted connection, of which nothing was read. */
  constructor(raw: Socket) {
    this.raw = raw;
    this.remoteAddr = {
      transport: "tcp",
      hostname: raw.remoteAddress ?? "",
      port: raw.remotePort ?? 0,
    };
  }

  /**
   * Reads the header of the PROXY protocol, which stands before TLS.
   *
   * @returns Whether it came; if it did not, the connection is at its end.
   */
  readHeader(): Promise<boolean> {
    const { raw } = this;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    let head: Uint8Array = NO_BYTES;
    const stop = () => {
      raw.off("data", take).off("end", leave).off("close", leave);
    };
    const leave = () => {
      stop();
      raw.destroy();
      resolve(false);
    };
    const take = (chunk: Uint8Array) => {
      head = concat(head, chunk);
      const header = readProxyHeader(head, 0, head.length);
      if (header.kind === "incomplete") return;
      if (header.kind === "malformed") return leave();
      stop();
      raw.pause();
      // TLS follows, often in the same segment.
      if (header.size < head.length) raw.unshift(head.subarray(header.size));
      this.remoteAddr = { ...this.remoteAddr, ...header.client };
      resolve(true);
    };
    raw.on("data", take).on("end", leave).on("close", leave);
    return promise;
  }

  /** It took too long. */
  onDeadline(): void {
    this.destroy();
  }

  /** Ends it. */
  destroy(): void {
    this.raw.destroy();
  }
}

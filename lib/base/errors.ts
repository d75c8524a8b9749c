import { messageOf } from "./thrown.ts";

export { messageOf };

/** The peer's bytes are not this protocol. */
export class ProtocolError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "ProtocolError";
}

/** The peer is not who it must be, or speaks another version. */
export class HandshakeError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "HandshakeError";
}

/** The peer's machine took the connection, and its process says nothing: it stands still. */
export class SilentPeerError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "SilentPeerError";
}

/** A link went away, or none was there, under a call that needed it. */
export class LinkClosedError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "LinkClosedError";
}

/** So much waits to leave for a gateway that nothing more was taken. */
export class LinkFullError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "LinkFullError";
  /** Address of the gateway that does not keep up. */
  readonly gateway: string;

  /**
   * Says which gateway, and how much waits for it.
   *
   * @param gateway Address of the gateway that does not keep up.
   * @param bytes How much waits.
   */
  constructor(gateway: string, bytes: number) {
    super(
      `Cannot send to gateway "${gateway}" as it does not keep up: ${bytes} bytes wait for it`,
    );
    this.gateway = gateway;
  }
}

/** A gateway did not answer a query in time. */
export class QueryTimeoutError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "QueryTimeoutError";
  /** Address of the gateway that stayed silent. */
  readonly gateway: string;

  /**
   * Says which gateway, and how long it was waited for.
   *
   * @param gateway Address of the gateway that stayed silent.
   * @param timeout How long was waited, in milliseconds.
   */
  constructor(gateway: string, timeout: number) {
    super(`Cannot query gateway "${gateway}": no reply within ${timeout} ms`);
    this.gateway = gateway;
  }
}

/** Some gateways did not do or answer what all were asked. */
export class PartialResultError extends Error {
  /** Name of the class, for logs. */
  override readonly name = "PartialResultError";
  /** What the other gateways answered, merged as if they were all. */
  readonly partial: unknown;
  /** Addresses of the gateways that did not answer. */
  readonly gateways: readonly string[];

  /**
   * Says which call, and which gateways.
   *
   * @param call Name of the cluster call.
   * @param partial What the other gateways answered.
   * @param gateways Addresses of the silent ones.
   * @param cause The first failure.
   */
  constructor(
    call: string,
    partial: unknown,
    gateways: readonly string[],
    cause: unknown,
  ) {
    super(
      `Cannot complete ${call}: no answer from ${
        gateways.join(", ")
      } (the first of them: ${messageOf(cause)})`,
      { cause },
    );
    this.partial = partial;
    this.gateways = gateways;
  }
}

/**
 * What a gateway tells a worker about a client: with the client's first event
 * there, and whenever something of it changed.
 *
 * @module
 */
import {
  bytesField,
  decodeMap,
  encodeBody,
  numberField,
  textField,
} from "../body.ts";

/** A client as its gateway knows it. */
export interface ClientState {
  /** Counts the changes of session and uid. */
  readonly version: number;
  /** The session as CBOR; `undefined` if it is empty. */
  readonly session: Uint8Array<ArrayBuffer> | undefined;
  /** The uid that it is bound to. */
  readonly uid: string | undefined;
  /** Where it came from, `ip:port`. */
  readonly remoteAddress: string;
  /** Which of the gateway's listeners it came to. */
  readonly listener: number;
  /** Its id before, if it has come from another gateway. */
  readonly previousId?: string | undefined;
}

/** Encodes a state as the head of an event. */
export function encodeClientState(state: ClientState): Uint8Array {
  const { version, session, uid, remoteAddress, listener, previousId } = state;
  const body = { version, session, uid, remoteAddress, listener };
  return encodeBody(previousId === undefined ? body : { ...body, previousId });
}

/**
 * Decodes a state. The session's bytes are copied.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeClientState(bytes: Uint8Array): ClientState {
  const body = decodeMap(bytes);
  return {
    version: numberField(body, "version") ?? 0,
    session: bytesField(body, "session"),
    uid: textField(body, "uid"),
    remoteAddress: textField(body, "remoteAddress") ?? "",
    listener: numberField(body, "listener") ?? 0,
    previousId: textField(body, "previousId"),
  };
}

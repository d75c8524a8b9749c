import { NO_BYTES } from "../../base/no_bytes.ts";
import type { ConnectionInflate } from "./deflate/websocket_inflate.ts";
import type { Inflate } from "./frames/websocket_decoder.ts";

/** What decompressing does to the connection that it is for. */
export interface InflateCosts {
  /** So many bytes more came than were read, or fewer. */
  charge(bytes: number): void;
  /** Nothing is read until the message is decompressed. */
  hold(): void;
}

/** Returns what decompresses the messages of a connection. */
export function inflateFor(
  connection: { readonly isOpen: boolean; readonly activity: number },
  inflate: ConnectionInflate,
  { charge, hold }: InflateCosts,
): Inflate {
  return (buffer, start, end, binary) => {
    // What comes after our goodbye is looked at for the client's alone.
    if (!connection.isOpen) return NO_BYTES;
    const { activity } = connection;
    const message = inflate.inflate(buffer, start, end, binary, activity);
    if (message === undefined) hold();
    else if (message instanceof Uint8Array) {
      charge(message.length - (end - start));
    }
    return message;
  };
}

/**
 * Hot: every byte over TLS is read here.
 *
 * Left to itself `node:tls` makes new memory twice for each read, for what came and for
 * what that says, which the collector takes back late: of the time that it takes to read
 * 64 KiB, six parts of seven are spent on that. Both go to the same place each time
 * here. The parts of the runtime that can do so have no documentation. Where one is
 * missing, the documented way is the one to take.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** What reads a socket. */
export interface ReadHandle {
  /** Whether `node:net` takes it for started. */
  reading?: boolean;
  readStart(): unknown;
  readStop(): unknown;
}

/** One that reads into memory which it is given. */
interface LendingHandle extends ReadHandle {
  /** Told that something came, or of the end. */
  onread: (this: LendingHandle, ...came: unknown[]) => unknown;
  /** Has what comes next be there when `onread` is called. */
  useUserBuffer(memory: Uint8Array): void;
  /** How many bytes have come so far. */
  getBytesRead(): number;
}

/** What decrypts. */
interface TlsHandle extends LendingHandle {
  /** Decrypts what came, and says so to `onread` before it returns. */
  receive(bytes: Uint8Array): void;
}

/** Where all connections' bytes are read to, one read after the other. */
const ENCRYPTED = new Uint8Array(65_536);

/** Where they are decrypted to. */
const DECRYPTED = new Uint8Array(65_536);

/** Returns what reads a socket; nothing if it is at its end. */
export function handleOf(socket: Socket): ReadHandle | null | undefined {
  return (socket as Socket & { readonly _handle?: ReadHandle | null })._handle;
}

/**
 * Has `came` called with what comes, as `bytes[0, count)` that are there until it
 * returns. The sockets go on to say how it ends. To be called before anything is read.
 *
 * @param raw What carries TLS.
 * @param socket TLS on that, with the handshake done.
 * @returns Whether the runtime can; otherwise nothing has changed.
 */
export function readInPlace(
  raw: Socket,
  socket: TLSSocket,
  came: (bytes: Uint8Array<ArrayBuffer>, count: number) => void,
): boolean {
  const below = handleOf(raw);
  const above = handleOf(socket);
  if (!canLend(below) || !canLend(above) || !canDecrypt(above)) return false;
  // Or the socket has it give the rest, and loses an end that comes with that.
  above.reading = true;
  // What has come with the end of the handshake.
  const early: Uint8Array<ArrayBuffer>[] = [];
  for (let chunk; (chunk = socket.read()) !== null;) {
    early.push(new Uint8Array(chunk));
  }
  const seen = early.reduce((sum, { length }) => sum + length, 0);
  lend(
    below,
    ENCRYPTED,
    below.getBytesRead(),
    (count) => above.receive(ENCRYPTED.subarray(0, count)),
  );
  for (const chunk of early) came(chunk, chunk.length);
  lend(above, DECRYPTED, seen, (count) => came(DECRYPTED, count));
  return true;
}

/**
 * Has a handle read into memory. It says how much came by counting: what goes to its
 * `onread` is a list of numbers that is not shown to anybody.
 *
 * @param seen Bytes that were read otherwise.
 */
function lend(
  handle: LendingHandle,
  memory: Uint8Array,
  seen: number,
  came: (count: number) => void,
): void {
  const { onread } = handle;
  let last = seen;
  handle.useUserBuffer(memory);
  handle.onread = function (...args) {
    if (memory.length === 0) {
      throw new TypeError(
        "Cannot read TLS any more: a protocol has transferred the buffer that it was shown",
      );
    }
    const count = Math.min(handle.getBytesRead() - last, memory.length);
    // It is the end, of which kind it may be.
    if (count <= 0) return onread.apply(handle, args);
    last += count;
    return came(count);
  };
  // It goes by what it was told when it began.
  handle.readStop();
  handle.readStart();
}

function canLend(
  handle: Partial<LendingHandle> | null | undefined,
): handle is LendingHandle {
  return typeof handle?.useUserBuffer === "function" &&
    typeof handle.getBytesRead === "function" &&
    typeof handle.onread === "function";
}

function canDecrypt(
  handle: LendingHandle & Partial<TlsHandle>,
): handle is TlsHandle {
  return typeof handle.receive === "function";
}

import type { ServerResponse } from "node:http";
import { endsWithin } from "../base/pause.ts";

/** Bytes that are written at a time: so that who reads slowly is seen to read. */
const PIECE = 65_536;

/**
 * Writes an answer as fast as it is read, until it ends or its reader is gone.
 *
 * @param outgoing Where it goes.
 * @param response The answer.
 * @param timeout Milliseconds within which the reader must take some more of it.
 * @throws {RangeError} If the reader does not.
 */
export async function writeAnswer(
  outgoing: ServerResponse,
  { status, headers, body }: Response,
  timeout: number,
): Promise<void> {
  const over = Promise.withResolvers<void>();
  const onClose = () => over.resolve();
  // The answer to a request that came in part is not told when its connection breaks.
  const { socket } = outgoing.req;
  if (socket.destroyed) return await body?.cancel();
  outgoing.on("close", onClose);
  socket.on("close", onClose);
  try {
    outgoing.writeHead(status, Object.fromEntries(headers));
    if (body !== null) {
      await writeBody(outgoing, body, { over: over.promise, timeout });
    }
    outgoing.end();
    await untilRead(over.promise, timeout);
  } finally {
    socket.off("close", onClose);
  }
}

async function writeBody(
  outgoing: ServerResponse,
  body: ReadableStream<Uint8Array>,
  { over, timeout }: {
    readonly over: Promise<void>;
    readonly timeout: number;
  },
): Promise<void> {
  const reader = body.getReader();
  let wake = () => {};
  outgoing.on("drain", () => wake());
  void over.then(() => {
    wake();
    // It has ended already, or nobody hears what goes wrong with the rest.
    reader.cancel().catch(() => {});
  });
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (let at = 0; at < part.value.length; at += PIECE) {
      const isTaken = outgoing.write(part.value.subarray(at, at + PIECE));
      if (outgoing.destroyed) return;
      if (isTaken) continue;
      await untilRead(
        new Promise<void>((resolve) => wake = resolve),
        timeout,
      );
    }
  }
}

async function untilRead(
  read: Promise<void>,
  timeout: number,
): Promise<void> {
  if (await endsWithin(read, timeout)) return;
  throw new RangeError(
    `Cannot answer as it must be read within ${timeout} ms: nothing was`,
  );
}

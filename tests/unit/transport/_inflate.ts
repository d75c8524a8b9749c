import { Inflation } from "../../../lib/transport/websocket/deflate/inflation.ts";
import type { Inflater } from "../../../lib/transport/websocket/deflate/zlib_stream.ts";

/**
 * Decompresses a message in as many steps as it takes.
 *
 * @param inflater Stands where the message before has left it.
 * @param limit Most bytes that may come out.
 * @returns The message, or why it is none.
 */
export function inflateWhole(
  inflater: Inflater,
  payload: Uint8Array,
  limit: number,
): Uint8Array | string {
  const rules = { limit, binary: true };
  const end = payload.length;
  const inflation = new Inflation(inflater, payload, 0, end, rules);
  const target = new Uint8Array(limit + 1);
  while (!inflation.step(target));
  return inflation.fault?.reason ?? target.slice(0, inflation.length);
}

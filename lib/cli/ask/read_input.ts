/** Most bytes of a message: more is read no further, and refused by the call. */
const MAX_INPUT = 64 * 1024 * 1024;

/** Reads standard input to its end. */
export async function readInput(): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of Deno.stdin.readable) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_INPUT) break;
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

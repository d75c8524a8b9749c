import { parseJson } from "../base/parse_json.ts";
import { errorResponse } from "./router.ts";

/** Most bytes of a request's body: a message of 10 MiB as base64 fits. */
const MAX_BODY = 16 * 1024 * 1024;

/** Milliseconds that the body of a request may take. */
const BODY_TIMEOUT = 30_000;

/**
 * Reads a body of JSON.
 *
 * @returns What it says, or the response that it is none, too long or too slow.
 */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json *(;|$)/i.test(type)) {
    return errorResponse(
      415,
      `Cannot read body as its content type must be application/json: found "${type}"`,
    );
  }
  const bytes = await readBytes(request);
  if (bytes instanceof Response) return bytes;
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    const found = error instanceof RangeError
      ? "it is nested too deep"
      : "it is not JSON";
    return errorResponse(400, `Cannot read body: ${found}`);
  }
}

async function readBytes(
  { body }: Request,
): Promise<Uint8Array<ArrayBuffer> | Response> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const signal = AbortSignal.timeout(BODY_TIMEOUT);
  const reader = body?.getReader();
  const cancel = () => void reader?.cancel(signal.reason);
  signal.addEventListener("abort", cancel);
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > MAX_BODY) {
        await reader.cancel();
        return tooLong();
      }
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
  if (signal.aborted) {
    return errorResponse(408, "Cannot read body: it took too long");
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function tooLong(): Response {
  return errorResponse(
    413,
    `Cannot read body as it must be at most ${MAX_BODY} bytes`,
    { headers: { connection: "close" } },
  );
}

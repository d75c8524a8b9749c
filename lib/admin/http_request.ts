import type { IncomingMessage } from "node:http";

/**
 * Makes a request of what came.
 *
 * @param incoming What came.
 * @param address Where it came to, for those who do not say.
 * @throws {TypeError} If it names no path, or what it says makes no request.
 */
export function toRequest(
  incoming: IncomingMessage,
  address: string,
): Request {
  const { method = "GET", url = "", rawHeaders } = incoming;
  if (!url.startsWith("/")) {
    throw new TypeError(
      `Cannot read request as its target must be a path: found "${url}"`,
    );
  }
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  }
  // Joined as texts: a path that begins with // would replace the host.
  return new Request(`http://${headers.get("host") ?? address}${url}`, {
    method,
    headers,
    body: method === "GET" || method === "HEAD" ? null : bodyOf(incoming),
  });
}

/** The body, read as it is asked for; the rest of one that is given up is thrown away. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let state: "new" | "open" | "over" = "new";
  const listen = (
    controller: ReadableStreamDefaultController<Uint8Array>,
  ) => {
    state = "open";
    incoming.on("data", (chunk: Uint8Array) => {
      if (state === "over") return;
      controller.enqueue(new Uint8Array(chunk));
      incoming.pause();
    });
    incoming.on("end", () => {
      if (state === "open") controller.close();
      state = "over";
    });
    incoming.on("close", () => {
      const reason = "Cannot read the request to its end: it was broken off";
      if (state === "open") controller.error(new TypeError(reason));
      state = "over";
    });
  };
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (state === "new") listen(controller);
      incoming.resume();
    },
    cancel() {
      state = "over";
      incoming.resume();
    },
  }, { highWaterMark: 0 });
}

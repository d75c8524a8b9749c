/**
 * The program that a client library is tried with, for ours: what it must do stands in
 * `main.ts`. For another library, write the same in its language.
 *
 *     deno run -A tests/conformance/v1/echo_client.ts ws://127.0.0.1:9001
 *
 * @module
 */
import { CallError, type Client, connect } from "../../../lib/client/mod.ts";

/** Runs it until it is stopped. */
export function runEchoClient(url: string): Disposable {
  let credentials = 0;
  let client: Client | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    const socket = connect(url, { token: () => ({ n: ++credentials }) });
    client = socket;
    socket.on("message", (message) => socket.send(message));
    socket.on("closed", () => again = setTimeout(begin, 100));
    socket.handle("echo", (data) => data);
    socket.handle("fail", (data) => {
      throw new CallError("refused", data);
    });
    socket.handle("parts", (data, { part }) => {
      for (const each of data as unknown[]) part(each);
      return "end";
    });
    socket.handle(
      "wait",
      (_data, { signal }) => new Promise((resolve) => signal.onabort = resolve),
    );
    socket.handle("ask", async (name) => {
      try {
        const value = await socket.request(`${name}`);
        socket.notify("outcome", { value });
      } catch (error) {
        const { code, data } = error as CallError;
        socket.notify("outcome", { code, data });
      }
    });
  };
  begin();
  return {
    [Symbol.dispose]() {
      client?.close();
      clearTimeout(again);
    },
  };
}

if (import.meta.main) runEchoClient(Deno.args[0] ?? "ws://127.0.0.1:9001");

// What a WebSocket of browsers does, wherever it is.

/** Runs one mode; calls `say` with each step, and `done` at the end. */
export function run({ Socket, mode, url, sizes, say, done }) {
  const orders = sizes.flatMap((size) => [
    { kind: "text", size, data: "a".repeat(size) },
    { kind: "binary", size, data: new Uint8Array(size).fill(255) },
  ]);
  const socket = new Socket(url);
  socket.binaryType = "arraybuffer";
  let asked;

  function isSame(data) {
    if (asked.kind === "text") return data === asked.data;
    const bytes = new Uint8Array(data);
    return bytes.length === asked.size && bytes.every((byte) => byte === 255);
  }

  socket.onopen = () => say({ step: "open" });
  socket.onerror = ({ message, error }) =>
    say({ step: "error", text: String(message ?? error ?? "") });
  socket.onclose = ({ code, reason }) => {
    say({ step: "closed", code, text: reason });
    done();
  };
  socket.onmessage = ({ data }) => {
    const size = data.length ?? data.byteLength;
    if (mode === "listen") return say({ step: "message", size });
    if (asked !== undefined) {
      say({
        step: "echo",
        kind: asked.kind,
        size: asked.size,
        same: isSame(data),
      });
    }
    asked = orders.shift();
    if (asked === undefined) socket.close(1000);
    else socket.send(asked.data);
  };
}

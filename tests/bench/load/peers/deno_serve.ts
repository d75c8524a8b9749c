/**
 * The echo that Deno's own WebSocket makes: `deno run -A deno_serve.ts PORT`.
 *
 * @module
 */
const port = Number(Deno.args[0]);

Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => {
  if (request.headers.get("upgrade") !== "websocket") return new Response("ok");
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => socket.send(data);
  return response;
});

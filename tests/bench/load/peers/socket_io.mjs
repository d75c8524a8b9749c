// Socket.IO on Node: node socket_io.mjs PORT MODE [cluster WORKERS | redis REDIS_PORT]
import cluster from "node:cluster";
import http from "node:http";
import process from "node:process";
import { answer } from "./rooms.mjs";

const [port, mode, adapter, detail] = process.argv.slice(2);

if (adapter === "cluster" && cluster.isPrimary) {
  const { setupPrimary } = await import("@socket.io/cluster-adapter");
  setupPrimary();
  for (let i = 0; i < Number(detail); i++) cluster.fork();
} else {
  // Imported here: only Node runs this file, and only it can find the package.
  const { Server } = await import("socket.io");
  const io = new Server(http.createServer(), {
    transports: ["websocket"],
    serveClient: false,
  });
  await adapt(io);
  io.on("connection", (socket) => greet(io, socket));
  io.httpServer.listen(Number(port), "127.0.0.1");
}

async function adapt(io) {
  if (adapter === "cluster") {
    const { createAdapter } = await import("@socket.io/cluster-adapter");
    io.adapter(createAdapter());
  }
  if (adapter === "redis") {
    const { createAdapter } = await import("@socket.io/redis-adapter");
    const { createClient } = await import("redis");
    const publisher = createClient({ url: `redis://127.0.0.1:${detail}` });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter(createAdapter(publisher, subscriber));
  }
}

function greet(io, socket) {
  const client = { send: (text) => socket.emit("m", text) };
  const rooms = {
    join: (name) => socket.join(name),
    send: (name, text) => io.to(name).emit("m", text),
    sendToAll: (text) => io.emit("m", text),
  };
  if (mode === "connect") client.send("+welcome");
  socket.on("m", (text) => answer(mode, client, text, rooms));
}

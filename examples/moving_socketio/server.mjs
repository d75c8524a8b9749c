// deno-lint-ignore-file no-console -- a program: it prints what happens
// A small chat on Socket.IO; docs/moving-from-socketio.md has it beside handler.ts.
import { Server } from "socket.io";

const io = new Server(3000, { transports: ["websocket"] });

io.on("connection", (socket) => {
  const { name, room } = socket.handshake.auth;
  socket.data.name = name;
  socket.join(room);
  socket.to(room).emit("said", { name, text: "has come" });

  socket.on("say", (text, done) => {
    io.to(room).emit("said", { name, text });
    done?.({ people: io.sockets.adapter.rooms.get(room).size });
  });

  socket.on("disconnect", () => {
    io.to(room).emit("said", { name, text: "has gone" });
  });
});

console.log("Socket.IO is listening on port 3000");

// socket.io as its documentation shows rooms: `join`, then `io.to(room).emit`. WebSocket only.
import { Server } from "socket.io";
import { listen, publishers } from "./publish.mjs";

let io;
const server = publishers((topic, body) => io.to(topic).emit("m", JSON.parse(body)));
io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
io.on("connection", (socket) => {
  socket.on("join", async (topic) => {
    await socket.join(topic);
    socket.emit("joined");
  });
});
listen(server);

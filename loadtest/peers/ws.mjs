// github.com/websockets/ws as its documentation shows a broadcast: one `send` for each subscriber, no compression.
import { WebSocketServer } from "ws";
import { listen, publishers } from "./publish.mjs";

const topics = new Map();
const server = publishers((topic, body) => {
  for (const socket of topics.get(topic) ?? []) socket.send(body, { binary: false });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const topic = request.url.replace("/sub/", "");
  if (!topics.has(topic)) topics.set(topic, new Set());
  topics.get(topic).add(socket);
  socket.on("close", () => topics.get(topic).delete(socket));
});
listen(server);

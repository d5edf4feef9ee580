// The publishers' door of both Node peers: `POST /pub/TOPIC` hands its body on.
import { createServer } from "node:http";

export function publishers(deliver) {
  const server = createServer((request, response) => {
    const topic = request.url.match(/^\/pub\/(\w+)$/)?.[1];
    if (request.method !== "POST" || !topic) {
      response.writeHead(request.url === "/" ? 204 : 404).end();
      return;
    }
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      deliver(topic, Buffer.concat(parts));
      response.writeHead(202).end();
    });
  });
  server.keepAliveTimeout = 600_000;
  return server;
}

export function listen(server) {
  server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
}

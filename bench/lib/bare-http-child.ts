/** A server that does nothing but read bodies and answer 200, in a process of its own: what HTTP alone costs. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ChildMessage } from "./receiver-child.ts";

let cpu = process.cpuUsage();
const say = (message: ChildMessage): void => void process.send?.(message);
const server = createServer({ noDelay: true }, (request, response) => {
  request.on("data", () => {});
  request.on("end", () => {
    response.writeHead(200, { "Content-Type": "application/x-protobuf", "Content-Length": 0 });
    response.end();
  });
});
server.listen(0, "127.0.0.1", () => say({ kind: "listening", port: (server.address() as AddressInfo).port }));
process.on("message", (asked: "reset" | "cost" | "stop") => {
  if (asked === "reset") cpu = process.cpuUsage();
  if (asked === "stop") process.exit();
  if (asked === "cost") {
    const { user, system } = process.cpuUsage(cpu);
    say({
      kind: "cost",
      delayP99Millis: 0,
      residentMegabytes: process.memoryUsage.rss() / 1e6,
      cpuMillis: (user + system) / 1000,
    });
  }
});

/** Who listens at the receiver's address, asked of real sockets. */
import { createServer, type Server } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { probeReceiver } from "../../src/machine/probe-receiver.ts";
import { temporaryHome } from "../support/run-binary.ts";

const portOf = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });

it("tells a program that speaks no HTTP, or hangs up, from an address at which nobody can be reached", async () => {
  const storage = temporaryHome();
  const rude = createServer((socket) => void socket.end("220 mail\r\n"));
  const hangingUp = createServer((socket) => void socket.destroy());
  onTestFinished(() => void [rude, hangingUp].map((server) => server.close()));
  for (const server of [rude, hangingUp]) {
    const url = `http://127.0.0.1:${await portOf(server)}`;
    expect(await probeReceiver(url, storage, undefined)).toEqual({ state: "foreign" });
  }
  const gone = createServer();
  const url = `http://127.0.0.1:${await portOf(gone)}`;
  await new Promise((resolve) => gone.close(resolve));
  expect(await probeReceiver(url, storage, undefined)).toEqual({ state: "none" });
  // No packet leaves for this one: the system refuses it, as it refuses all addresses without a network.
  expect(await probeReceiver("http://255.255.255.255:4318", storage, undefined)).toEqual({ state: "none" });
});

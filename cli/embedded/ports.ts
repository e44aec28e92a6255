import { createServer, type AddressInfo } from "node:net";

/** A loopback TCP port that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  return listenOnce(0);
}

/** Throws, naming the port, when something already listens on it at loopback. `service` is what wanted it. */
export async function requireFreePort(port: number, service: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const cause = code === "EADDRINUSE" ? "another program listens there" : `it cannot be opened (${code})`;
    throw new Error(
      `${service} cannot use port ${port} on 127.0.0.1: ${cause}; stop that program or choose another port`,
      {
        cause: error,
      },
    );
  }
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const { port: bound } = probe.address() as AddressInfo;
      probe.close(() => resolve(bound));
    });
  });
}

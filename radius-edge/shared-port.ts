import { bindUdp } from "./udp-socket.ts";

/** Whether this Node and this system let several processes listen on one UDP port, asked by doing it. */
export async function canSharePorts(): Promise<boolean> {
  const at = { host: "127.0.0.1", variable: "no variable", isShared: true };
  const ignore = (): void => undefined;
  try {
    const first = await bindUdp({ ...at, port: 0 }, ignore);
    try {
      (await bindUdp({ ...at, port: first.address().port }, ignore)).close();
      return true;
    } finally {
      first.close();
    }
  } catch {
    return false;
  }
}

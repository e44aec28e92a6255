import type { Secret } from "../../domain/secret.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { RadiusClient } from "../../simulators/fleet/radius-client.ts";
import type { NasIdentity } from "../../simulators/fleet/session.ts";

/** Where one client at a time is plugged in. */
export interface Port {
  readonly nas: NasIdentity;
  readonly radius: RadiusClient;
  readonly number: number;
}

/** Access switches, each with an address and one socket of its own. */
export interface Switches {
  /** Takes a port, waiting until one is free; those of all switches take turns. */
  plug(): Promise<Port>;
  unplug(port: Port): void;
  readonly hasFreePort: boolean;
  close(): void;
}

/** 48 clients with four copies of a request each are fewer than the 256 identifiers of a socket. */
const PORTS = 48;

/** `firstRetryMs`: when a switch asks again at first (RFC 5080 §2.2.1); each wait doubles. */
export async function openSwitches(
  nases: readonly NasIdentity[],
  options: { readonly secret: Secret; readonly firstRetryMs: number },
): Promise<Switches> {
  const opened = await Promise.all(
    nases.map(async (nas) => ({ nas, radius: await openRadiusClient({ address: nas.address, ...options }) })),
  );
  const free = Array.from({ length: PORTS }, (_, i) => opened.map((of) => ({ ...of, number: i + 1 }))).flat();
  const waiting: ((port: Port) => void)[] = [];
  return {
    async plug() {
      return free.shift() ?? new Promise<Port>((take) => waiting.push(take));
    },
    unplug(port) {
      const next = waiting.shift();
      if (next === undefined) free.push(port);
      else next(port);
    },
    get hasFreePort() {
      return free.length > 0;
    },
    close: () => opened.forEach(({ radius }) => radius.close()),
  };
}

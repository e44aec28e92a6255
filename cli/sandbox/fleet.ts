import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { MacAddress } from "../../domain/mac-address.ts";
import { secret } from "../../domain/secret.ts";
import type { FleetClient } from "../../simulators/fleet/client.ts";
import { startNas, type Nas, type NasEvent } from "../../simulators/fleet/nas.ts";
import type { Character } from "./cast.ts";
import type { Keepsakes } from "./keepsakes.ts";

export const NAS_IDENTIFIER = "sandbox-switch";

/** The fleet's NAS, and what has happened on it. */
export interface Fleet {
  readonly nas: Nas;
  readonly address: string;
  clientOf(character: Character): FleetClient;
  /** Of one client, in order. */
  eventsOf(mac: MacAddress): readonly NasEvent[];
}

interface Servers {
  readonly authentication: string;
  readonly accounting: string;
}

export async function startFleet(keepsakes: Keepsakes, { authentication, accounting }: Servers): Promise<Fleet> {
  const events: NasEvent[] = [];
  const address = await ownAddress();
  const nas = await startNas({
    address,
    nasIdentifier: NAS_IDENTIFIER,
    secret: secret(keepsakes.fleetSecret),
    authentication,
    accounting,
    onEvent: (event) => void events.push(event),
  });
  return {
    nas,
    address,
    clientOf: (character) => clientOf(character, keepsakes),
    eventsOf: (mac) => events.filter(({ client }) => client.mac === mac),
  };
}

/** An address apart from the newcomer's, where the machine has it: macOS gives loopback one address only. */
async function ownAddress(): Promise<string> {
  const socket = createSocket("udp4");
  try {
    socket.bind(0, "127.0.0.11");
    await once(socket, "listening");
    return "127.0.0.11";
  } catch {
    return "127.0.0.1";
  } finally {
    socket.close();
  }
}

function clientOf({ name, mac, port }: Character, { clients, caPem }: Keepsakes): FleetClient {
  const certified = clients[mac];
  return certified === undefined
    ? { kind: "mab", name, mac, port }
    : { kind: "eap-tls", name, mac, port, identity: name, ...certified, trustedCas: [caPem] };
}

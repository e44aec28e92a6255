import { readFile } from "node:fs/promises";
import { secret } from "../domain/secret.ts";
import type { Config } from "../runtime/config.ts";
import type { Log } from "../runtime/log.ts";
import type { Metrics } from "../runtime/metrics.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Envelope } from "./envelope.ts";
import type { InheritedSockets } from "./inherited-sockets.ts";
import type { RadsecConnections } from "./radsec/connections.ts";
import type { ReturnedNases } from "./radsec/returned-nases.ts";
import { startRadsecServer } from "./radsec/server.ts";
import type { RadsecServer } from "./radsec/server.ts";
import { startRadiusServer } from "./server.ts";
import type { Snapshot } from "./snapshot.ts";

/** All that NASes reach: RADIUS over UDP, and over TLS where that is configured. */
export interface Listeners {
  /** `host:port` of each; without RadSec that is `undefined`. */
  readonly addresses: {
    readonly authentication: string;
    readonly accounting: string;
    readonly radsec: string | undefined;
  };
  /** Takes no new requests, answers those in hand, closes every socket. */
  close(): Promise<void>;
}

interface ListenersOptions {
  /** Those that are open already, if any. */
  readonly sockets: InheritedSockets | undefined;
  readonly dispatch: Dispatch;
  readonly envelope: Envelope;
  readonly snapshot: Snapshot;
  readonly connections: RadsecConnections;
  readonly returned: ReturnedNases;
  readonly metrics: Metrics;
  readonly log: Log;
}

export async function startListeners(config: Config, options: ListenersOptions): Promise<Listeners> {
  const { host, ports, edge } = config;
  const udp = await startRadiusServer({
    host,
    authenticationPort: ports.authentication,
    accountingPort: ports.accounting,
    sharesPorts: edge.sharesPorts,
    ...options,
  });
  const radsec = await startRadsec(config, options).catch(async (error: unknown) => {
    await udp.close();
    throw error;
  });
  const { authentication, accounting } = udp;
  return {
    addresses: { authentication, accounting, radsec: radsec?.address },
    async close() {
      await Promise.all([radsec?.close(), udp.close()]);
    },
  };
}

async function startRadsec(
  { host, ports, edge, radsec }: Config,
  options: ListenersOptions,
): Promise<RadsecServer | undefined> {
  if (radsec === undefined) return undefined;
  const material = {
    certificate: await readPem("PORTCULLIS_RADSEC_CERT_FILE", radsec.certificateFile),
    key: secret(await readPem("PORTCULLIS_RADSEC_KEY_FILE", radsec.keyFile)),
    authorities: await readPem("PORTCULLIS_RADSEC_CA_FILE", radsec.authoritiesFile),
  };
  return startRadsecServer({
    host,
    port: ports.radsec,
    sharesPort: edge.sharesPorts,
    fd: options.sockets?.radsec,
    material,
    ...options,
  });
}

async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Error(`${setting}: ${file} cannot be read`, { cause: error });
  }
}

import { readFile } from "node:fs/promises";
import { createHttp } from "../../outbound/http.ts";
import type { Http } from "../../outbound/http.ts";
import { ConfigError } from "../../runtime/config.ts";
import type { Config } from "../../runtime/config.ts";
import { makeChannelKey } from "../../runtime/edge-access.ts";
import { loadMasterKeys } from "../../runtime/master-keys.ts";

/**
 * To each edge. An order keeps its connection until the NAS has answered, which a dead one does not in 15 s: with fewer than
 * a worker has activities at a time (100), CoAs for NASes that live would wait behind those for dead ones.
 */
const EDGE_CONNECTIONS = 256;

/** The way to our own edges: on any address, and off loopback to those alone that know our master key. */
export async function openWayToEdges(config: Config): Promise<Http> {
  const preSharedKey = makeChannelKey(await loadMasterKeys(config));
  return createHttp({ allowedNetworks: [], guard: false, preSharedKey, connections: EDGE_CONNECTIONS });
}

/** The guarded way to MDM servers. Throws ConfigError when PORTCULLIS_MDM_CA_FILE cannot be read. */
export async function openWayToMdms({ mdm }: Config): Promise<Http> {
  const { allowedNetworks, caFile } = mdm;
  const caPem = caFile === undefined ? {} : { caPem: await readCaFile(caFile) };
  return createHttp({ allowedNetworks, guard: true, ...caPem });
}

async function readCaFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigError([`PORTCULLIS_MDM_CA_FILE cannot be read: ${(error as Error).message}`]);
  }
}

import { readFile } from "node:fs/promises";
import { createHttp } from "../../outbound/http.ts";
import type { Http } from "../../outbound/http.ts";
import { ConfigError } from "../../runtime/config.ts";
import type { Config } from "../../runtime/config.ts";
import { makeChannelKey } from "../../runtime/edge-access.ts";
import { loadMasterKeys } from "../../runtime/master-keys.ts";

/** The way to our own edges: on any address, and off loopback to those alone that know our master key. */
export async function openWayToEdges(config: Config): Promise<Http> {
  const preSharedKey = makeChannelKey(await loadMasterKeys(config));
  return createHttp({ allowedNetworks: [], guard: false, preSharedKey });
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

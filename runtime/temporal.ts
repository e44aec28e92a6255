import { readFile } from "node:fs/promises";
import { Client, Connection } from "@temporalio/client";
import type { ConnectionOptions } from "@temporalio/client";
import { reveal } from "../domain/secret.ts";
import { createDeviceWorkflows } from "./device-workflows.ts";
import type { DeviceWorkflows } from "./device-workflows.ts";
import type { TemporalConfig, TemporalTls } from "./temporal-config.ts";
import { explainTemporalFailure } from "./temporal-failure.ts";

/** The way to Temporal of one process. */
export interface TemporalLink {
  readonly client: Client;
  readonly workflows: DeviceWorkflows;
  /** `undefined` when the server answers within two seconds, else a sentence that says what failed. */
  readonly unavailable: () => Promise<string | undefined>;
  close(): Promise<void>;
}

/** Time for a call that only has to be accepted by the server. */
const ACCEPT_MS = 2_000;

/**
 * Makes the client without connecting, so that a process starts while Temporal is down; calls then fail one by one,
 * each within its deadline. Throws only when a TLS file cannot be read.
 */
export async function connectTemporal(config: TemporalConfig): Promise<TemporalLink> {
  const connection = Connection.lazy(await connectionOptions(config));
  const client = new Client({ connection, namespace: config.namespace });
  const asked = new Set<Promise<string | undefined>>();
  const ask = async (): Promise<string | undefined> => {
    try {
      await connection.withDeadline(Date.now() + ACCEPT_MS, () => connection.workflowService.getSystemInfo({}));
      return undefined;
    } catch (error) {
      return explainTemporalFailure(error, config.address).message;
    }
  };
  const unavailable = (): Promise<string | undefined> => {
    const question = ask().finally(() => asked.delete(question));
    asked.add(question);
    return question;
  };
  return {
    client,
    workflows: createDeviceWorkflows({ client, address: config.address, acceptMs: ACCEPT_MS, unavailable }),
    unavailable,
    // A retry that finds its channel closed throws from a timer, and ends the process (@temporalio/client, grpc-retry).
    close: async () => {
      await Promise.all(asked);
      await connection.close();
    },
  };
}

/** Options for `Connection` and, by their common fields, for the worker's `NativeConnection`. */
export async function connectionOptions(
  config: TemporalConfig,
): Promise<Pick<ConnectionOptions, "address" | "metadata"> & { tls?: TlsOptions; apiKey?: string }> {
  return {
    address: config.address,
    ...(config.tls === undefined ? {} : { tls: await readTls(config.tls) }),
    ...(config.apiKey === undefined ? {} : { apiKey: reveal(config.apiKey) }),
  };
}

interface TlsOptions {
  serverNameOverride?: string;
  serverRootCACertificate?: Buffer;
  clientCertPair?: { crt: Buffer; key: Buffer };
}

async function readTls(tls: TemporalTls): Promise<TlsOptions> {
  const { clientCertificateFile, clientKeyFile, serverCaFile, serverName } = tls;
  return {
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(serverCaFile === undefined ? {} : { serverRootCACertificate: await readFile(serverCaFile) }),
    ...(clientCertificateFile === undefined || clientKeyFile === undefined
      ? {}
      : { clientCertPair: { crt: await readFile(clientCertificateFile), key: await readFile(clientKeyFile) } }),
  };
}

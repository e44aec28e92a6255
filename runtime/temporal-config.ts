import { secret } from "../domain/secret.ts";
import type { Secret } from "../domain/secret.ts";
import type { Settings } from "./settings.ts";

export interface TemporalConfig {
  /** True when no server was named, so that `npm start` runs one. */
  readonly embedded: boolean;
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  readonly apiKey: Secret | undefined;
  readonly tls: TemporalTls | undefined;
  /** Path of the `temporal` command, where one was named. */
  readonly cli: string | undefined;
}

/** Paths of PEM files, read when connecting. */
export interface TemporalTls {
  readonly clientCertificateFile: string | undefined;
  readonly clientKeyFile: string | undefined;
  readonly serverCaFile: string | undefined;
  readonly serverName: string | undefined;
}

export function temporalConfig(settings: Settings): TemporalConfig {
  const tls: TemporalTls = {
    clientCertificateFile: settings.TEMPORAL_TLS_CLIENT_CERT_PATH,
    clientKeyFile: settings.TEMPORAL_TLS_CLIENT_KEY_PATH,
    serverCaFile: settings.TEMPORAL_TLS_SERVER_CA_CERT_PATH,
    serverName: settings.TEMPORAL_TLS_SERVER_NAME,
  };
  // As Temporal's own tools do: an API key or any TLS material switches TLS on, unless TEMPORAL_TLS says no.
  const implied = settings.TEMPORAL_API_KEY !== undefined || Object.values(tls).some((part) => part !== undefined);
  return {
    embedded: settings.TEMPORAL_ADDRESS === undefined,
    address: settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${settings.PORTCULLIS_TEMPORAL_PORT}`,
    namespace: settings.TEMPORAL_NAMESPACE,
    apiKey: settings.TEMPORAL_API_KEY === undefined ? undefined : secret(settings.TEMPORAL_API_KEY),
    tls: (settings.TEMPORAL_TLS ?? implied) ? tls : undefined,
    cli: settings.PORTCULLIS_TEMPORAL_CLI,
  };
}

/** What is inconsistent among the `TEMPORAL_*` settings. */
export function temporalFaults(settings: Settings): readonly string[] {
  const certificate = settings.TEMPORAL_TLS_CLIENT_CERT_PATH !== undefined;
  const key = settings.TEMPORAL_TLS_CLIENT_KEY_PATH !== undefined;
  const faults: string[] = [];
  if (certificate && !key) faults.push("TEMPORAL_TLS_CLIENT_KEY_PATH is missing beside TEMPORAL_TLS_CLIENT_CERT_PATH");
  if (key && !certificate) faults.push("TEMPORAL_TLS_CLIENT_CERT_PATH is missing beside TEMPORAL_TLS_CLIENT_KEY_PATH");
  if (settings.TEMPORAL_API_KEY !== undefined && settings.TEMPORAL_TLS === false) {
    faults.push("TEMPORAL_TLS is false, but TEMPORAL_API_KEY must not travel in clear text");
  }
  return faults;
}

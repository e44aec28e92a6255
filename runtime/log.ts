import { pino } from "pino";
import type { DestinationStream, Logger } from "pino";

/** One line of JSON for each thing that happened; secrets are masked by type (domain/secret.ts) and, as a net, by name. */
export type Log = Logger;

/** Names under which a secret could reach a log line, at the top and one level down. */
const SECRET_NAMES = [
  "authorization",
  "client_secret",
  "clientSecret",
  "password",
  "secret",
  "token",
  "databaseUrl",
  "apiKey",
  "key",
];

/**
 * A log that names its process role in every line. Lines go to standard output unless `destination` says otherwise.
 */
export function createLog(name: string, level: string, destination?: DestinationStream): Log {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: [...SECRET_NAMES, ...SECRET_NAMES.map((field) => `*.${field}`), "req.headers.authorization"],
      censor: "[redacted]",
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

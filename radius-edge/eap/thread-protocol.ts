/** What the thread of the sockets and a thread that runs TLS say to each other. */
import { reveal, secret } from "../../domain/secret.ts";
import type { EapTlsMaterial } from "./tls-context.ts";
import type { EngineTurn } from "./tls-engine.ts";
import type { TlsMethodName } from "./tls-keys.ts";

export type ToThread =
  /** What TLS is made of, before the first message that names it. */
  | { readonly kind: "context"; readonly key: number; readonly material: CrossingMaterial }
  /** No engine will be opened under it any more. */
  | { readonly kind: "forget"; readonly key: number }
  | ({ readonly kind: "message"; readonly closed: ClosedEngines } & ClientMessage)
  /** How long is the line? `sentMs`: by `monotonicMs`. */
  | { readonly kind: "ping"; readonly sentMs: number; readonly closed: ClosedEngines };

/** That are of no more use. They go along with what is said next: to wake the thread for each costs more than to free it. */
type ClosedEngines = readonly number[];

/** A TLS message of a client. The first for an engine opens it. */
export interface ClientMessage {
  readonly engine: number;
  /** Of its context. */
  readonly key: number;
  readonly method: TlsMethodName;
  readonly bytes: Buffer;
}

export type FromThread =
  /** What came of the message that the engine had last. */
  | { readonly kind: "turn"; readonly engine: number; readonly turn: EngineTurn }
  | { readonly kind: "pong"; readonly waitedMs: number };

/** One clock for all threads of a process. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** In the clear: it does not leave the process. */
type CrossingMaterial = Omit<EapTlsMaterial, "serverKey" | "passphrase"> & {
  readonly serverKey: string;
  readonly passphrase: string | undefined;
};

export function materialForCrossing({ serverKey, passphrase, ...open }: EapTlsMaterial): CrossingMaterial {
  return {
    ...open,
    serverKey: reveal(serverKey),
    passphrase: passphrase === undefined ? undefined : reveal(passphrase),
  };
}

export function materialAfterCrossing({ serverKey, passphrase, ...open }: CrossingMaterial): EapTlsMaterial {
  const withPassphrase = passphrase === undefined ? {} : { passphrase: secret(passphrase) };
  return { ...open, serverKey: secret(serverKey), ...withPassphrase };
}

/**
 * Each Buffer among the fields as octets of its own: a small Buffer is a piece of a pool that many share, and the whole
 * pool would be copied, with whatever else lies in it.
 */
export function forCrossing<Fields extends object>(fields: Fields): Fields {
  return mapFields(fields, (value) => (Buffer.isBuffer(value) ? new Uint8Array(value) : value));
}

/** What crossed as octets is a Buffer again. */
export function afterCrossing<Fields extends object>(fields: Fields): Fields {
  return mapFields(fields, (value) => (value instanceof Uint8Array ? bufferOver(value) : value));
}

function mapFields<Fields extends object>(fields: Fields, change: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, change(value)])) as Fields;
}

/** The octets where they are, as a Buffer again. */
export const bufferOver = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** What the thread that holds the sockets and a thread that runs EAP say to each other. */
import type { MacAddress } from "../../domain/mac-address.ts";
import { reveal, secret } from "../../domain/secret.ts";
import type { ConversationLimits, Turn } from "./conversations.ts";
import type { PasswordJudgement, RevocationJudgement, ShownChain } from "./method.ts";
import type { EapTlsMaterial } from "./tls-context.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly limits: ConversationLimits;
}

export type ToThread =
  /** What TLS is made of, before the first arrival that names it. */
  | { readonly kind: "context"; readonly key: number; readonly material: CrossingMaterial }
  /** No conversation will begin under it any more. */
  | { readonly kind: "forget"; readonly key: number }
  | ({ readonly kind: "arrival"; readonly call: number } & CrossingArrival)
  /** To `judge`. `fault`: nobody could answer, for a fault of ours. */
  | { readonly kind: "judged"; readonly question: number; readonly answer: unknown; readonly fault?: string }
  /** How long is the line? `sentMs`: by `monotonicMs`. */
  | { readonly kind: "ping"; readonly sentMs: number };

export type FromThread =
  /** `open`: conversations of the thread now. */
  | { readonly kind: "turn"; readonly call: number; readonly turn: Turn; readonly open: number }
  | { readonly kind: "judge"; readonly question: number; readonly organization: string; readonly asks: Question }
  | { readonly kind: "pong"; readonly waitedMs: number; readonly open: number };

/** One clock for all threads of a process. */
export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000_000n);

/** What only the thread that started us can tell: people, directories and revocation lists are there. */
export type Question =
  | {
      readonly about: "password";
      readonly name: string;
      readonly password: string;
      readonly mac: MacAddress | undefined;
    }
  | { readonly about: "certificate"; readonly shown: ShownChain };

/** How each question is answered. */
export interface Answers {
  readonly password: PasswordJudgement;
  readonly certificate: RevocationJudgement;
}

interface CrossingArrival {
  readonly eap: Buffer;
  readonly state: Buffer | undefined;
  readonly nas: string;
  readonly framedMtu: number | undefined;
  readonly context: CrossingContext | undefined;
}

export interface CrossingContext {
  /** What TLS is made of. */
  readonly key: number;
  readonly mac: MacAddress | undefined;
  readonly takesMd5: boolean;
  /** Who is to be asked. */
  readonly judges: { readonly passwords: boolean; readonly certificates: boolean };
}

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

const bufferOver = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);

import type { CertificateEvidence } from "../../domain/certificate.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import type { Secret } from "../../domain/secret.ts";
import type { EapFailure } from "./failure.ts";
import type { EapTlsContext } from "./tls-context.ts";
import type { TlsEngine } from "./tls-engine.ts";
import type { TlsMethodName } from "./tls-keys.ts";

/** Some who are asked answer at once, others are in another thread. */
export type Awaitable<T> = T | Promise<T>;

/** What the caller fixes at the start of a conversation: keys and trust of the organization that the NAS belongs to. */
export interface EapContext {
  readonly tls: EapTlsContext;
  /** Absent: the organization has neither users nor a directory, and EAP-TTLS is not offered. */
  readonly checkPassword?: PasswordCheck;
  readonly revocationOf?: RevocationCheck;
  /** The client's, as the NAS tells. */
  readonly mac?: MacAddress | undefined;
  /** The NAS asks for MAC authentication by EAP-MD5; else that is not offered. */
  readonly takesMd5?: boolean;
}

/** The same, and TLS for the conversation. */
export interface MethodContext extends EapContext {
  /** `hello`: the client's first message, which the engine is yet to receive. */
  openTls(method: TlsMethodName, hello: Buffer): TlsEngine;
}

/** What a client of EAP-TLS has shown, DER. */
export interface ShownChain {
  readonly certificate: Uint8Array;
  /** What the client sent beside it, in its order; nothing when the session was resumed. */
  readonly intermediates: readonly Uint8Array[];
  readonly resumed: boolean;
}

type RevocationJudgement =
  /** `notes`: what an operator should know all the same. */
  | { readonly kind: "good"; readonly notes: readonly string[] }
  | {
      readonly kind: "refused";
      /** `certificateExpired`: that of an authority in the chain of a resumed session. */
      readonly reason: "certificateRevoked" | "certificateExpired" | "crlUnavailable";
      readonly sentence: string;
    };

/** Judges certificates that are trusted otherwise; asked at every authentication, resumed or not. */
export type RevocationCheck = (shown: ShownChain) => Awaitable<RevocationJudgement>;

/** What is held of a user name and password: by the organization's own users, or by its directory. */
export type PasswordJudgement =
  /** `labels`: what the user's record or directory says of him, such as groups; policy matches them as `idp_role`. */
  | { readonly kind: "right"; readonly labels: readonly string[] }
  | { readonly kind: "wrong"; readonly sentence: string }
  /** Nobody could tell. `answer`: what the organization wants done with the client (behaviour 8.4), never an accept. */
  | { readonly kind: "unavailable"; readonly sentence: string; readonly answer: "reject" | "silence" };

/**
 * Judges a password. `mac`: of the client that sent it, as the NAS tells. Sentences are for the operator and hold no password.
 * A rejection is a fault of ours.
 */
export type PasswordCheck = (name: string, password: Secret, mac?: MacAddress) => Promise<PasswordJudgement>;

/** What EAP-TLS proved. `identity` is the outer EAP Identity: the client's claim, shown but not proved. */
interface EapTlsEvidence {
  readonly method: "EAP-TLS";
  readonly identity: string;
  readonly tlsVersion: string;
  /** Whether it was proved earlier, and the TLS session resumed. */
  readonly resumed: boolean;
  readonly certificate: CertificateEvidence;
  /** Sentences for the operator. */
  readonly notes: readonly string[];
}

/** What EAP-TTLS proved: that someone knows the password of `userName`. */
interface EapTtlsEvidence {
  readonly method: "EAP-TTLS";
  readonly identity: string;
  readonly tlsVersion: string;
  readonly userName: string;
  readonly userLabels: readonly string[];
}

/** What a switch claimed by EAP-MD5: the client's MAC address, which is `identity`. */
interface EapMd5Evidence {
  readonly method: "EAP-MD5";
  readonly identity: string;
}

/** Each method adds its own evidence to this union. */
export type EapEvidence = EapTlsEvidence | EapTtlsEvidence | EapMd5Evidence;
export type EapMethodName = EapEvidence["method"];

/** What a method makes of one Response. */
export type Step =
  | { readonly kind: "request"; readonly typeData: Buffer }
  /** `msk`: 64 octets, RFC 5247 §1.2; none where the method makes no keys. Key material: never log a step. */
  | { readonly kind: "success"; readonly evidence: EapEvidence; readonly msk: Buffer }
  | { readonly kind: "failure"; readonly failure: EapFailure }
  /** The end, without a word: so that the NAS turns to another server. */
  | { readonly kind: "silence"; readonly sentence: string }
  /** The end, without a word: the thread that had its TLS has ended. */
  | { readonly kind: "lost" }
  /** RFC 4137 `ignore`: as if the Response had not come. */
  | { readonly kind: "ignore"; readonly sentence: string };

/** One run of an EAP method: the interface of RFC 4137 §5.4 (init and buildReq, check and process, then reset). */
export interface EapMethod {
  /** Type-data of the first Request. */
  begin(): Buffer;
  /** Takes a Response's type-data; what it asks next has at most `roomOctets` octets of type-data. `identifier`: the packet's. */
  process(typeData: Buffer, roomOctets: number, identifier: number): Promise<Step>;
  /** Releases everything, at any time; safe to call twice. */
  close(): void;
}

/** A method as the machine knows it. A new method is one file with its offer, and its place in `methods.ts`. */
export interface MethodOffer {
  /** EAP type, IANA registry. */
  readonly type: number;
  readonly name: EapMethodName;
  /** Whom it is offered to; absent: everybody. */
  isFor?(context: EapContext, identity: string): boolean;
  open(context: MethodContext, identity: string): EapMethod;
}

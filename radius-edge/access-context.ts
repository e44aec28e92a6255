import type { EdgeId } from "../domain/identifiers.ts";
import type { Authentication } from "./authentication.ts";
import type { CertificateChecks } from "./certificates/certificate-check.ts";
import type { Conversations } from "./eap/conversations.ts";
import type { PasswordChecks } from "./people/password-check.ts";
import type { Recorder } from "./recorder.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Stays } from "./stays.ts";
import type { Drop } from "./wire/drop-reason.ts";
import type { ResponseDraft } from "./wire/exchange.ts";

/** What the answers to Access-Requests stand on. */
export interface AccessContext {
  readonly edgeId: EdgeId;
  readonly snapshot: Snapshot;
  readonly conversations: Conversations;
  readonly recorder: Recorder;
  readonly stays: Stays;
  readonly passwords: PasswordChecks;
  readonly certificates: CertificateChecks;
  /** Signs Class. */
  readonly classKey: Buffer;
  /** Hides who the users are that NASes ask for. */
  readonly pseudonymKey: Uint8Array;
  readonly now: () => number;
}

export type Answer =
  | { readonly kind: "answer"; readonly draft: ResponseDraft; readonly authentication?: Authentication }
  | Drop;

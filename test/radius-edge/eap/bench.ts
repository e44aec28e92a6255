/** A server and a client face to face, in one process: only EAP packets pass between them. */
import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { secret } from "../../../domain/secret.ts";
import { type Conversations, openConversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import type { EapContext } from "../../../radius-edge/eap/method.ts";
import { createEapTlsContext, type EapTlsMaterial } from "../../../radius-edge/eap/tls-context.ts";
import { type Authority, type CertifiedKey, createAuthority, type KeyType } from "../../../simulators/certificates.ts";
import { Supplicant, type SupplicantProfile, type SupplicantTurn } from "../../../simulators/supplicant.ts";

/** The one at which a test's conversations are held. */
export const NAS = "a NAS";

setFlagsFromString("--expose-gc");
export const collectGarbage = runInNewContext("gc") as () => void;

/** What every refusal says. Typed, as jest's matchers are `any`. */
export const aSentence: unknown = expect.stringMatching(/^[A-Z].+\.$/);

export interface Site {
  readonly authority: Authority;
  readonly server: CertifiedKey;
  readonly context: EapContext;
}

/** What all edges of one installation share. */
const INSTALLATION = randomBytes(32);

/** An organization: one authority for its devices and for its server. */
export async function createSite(keyType: KeyType = "ec"): Promise<Site> {
  const authority = await createAuthority("Acme Devices", keyType);
  const server = await authority.issue({ commonName: "radius.acme.example", eku: "server", keyType });
  return { authority, server, context: contextOf(server, [authority.certificatePem]) };
}

export function contextOf(
  server: CertifiedKey,
  trustedCas: readonly string[],
  { organization = "acme", clock = Date.now }: { readonly organization?: string; readonly clock?: () => number } = {},
): EapContext {
  const material = materialOf(server, trustedCas);
  const made = createEapTlsContext({ ...material, resumption: { ...material.resumption, organization } }, clock);
  if (made.kind === "refused") throw new Error(made.sentence);
  return { tls: made.context };
}

export function materialOf(server: CertifiedKey, trustedCas: readonly string[]): EapTlsMaterial {
  const resumption = { secret: INSTALLATION, organization: "acme" };
  return { serverCertificate: server.certificatePem, serverKey: secret(server.keyPem), trustedCas, resumption };
}

export interface Meeting {
  readonly server: Turn;
  readonly client: SupplicantTurn;
  /** Access-Requests that it took. */
  readonly rounds: number;
  /** Largest EAP packet that the server sent, octets. */
  readonly largestOctets: number;
  readonly session: Buffer | undefined;
}

/** Runs a conversation to its end. */
export async function meet(
  site: Pick<Site, "context">,
  profile: SupplicantProfile,
  framedMtu?: number,
): Promise<Meeting> {
  const conversations = openConversations({ processId: 7 });
  const supplicant = new Supplicant(profile);
  try {
    return await converse(conversations, site.context, supplicant, framedMtu);
  } finally {
    supplicant.close();
    conversations.close();
  }
}

export async function converse(
  conversations: Conversations,
  context: EapContext,
  supplicant: Supplicant,
  framedMtu: number | undefined,
): Promise<Meeting> {
  let eap = supplicant.identityResponse(1);
  let state: Buffer | undefined;
  let largestOctets = 0;
  for (let rounds = 1; rounds < 500; rounds++) {
    const server = await conversations.receive({ nas: NAS, eap, state, framedMtu, context });
    if (server.kind === "drop") throw new Error(`dropped: ${server.sentence}`);
    largestOctets = Math.max(largestOctets, server.eap.length);
    const client = await supplicant.answer(server.eap);
    if (client.kind !== "response" || server.kind !== "challenge")
      return { server, client, rounds, largestOctets, session: supplicant.session };
    ({ eap } = client);
    ({ state } = server);
  }
  throw new Error("the conversation did not end");
}

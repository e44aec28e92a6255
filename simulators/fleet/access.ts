import type { Secret } from "../../domain/secret.ts";
import { SERVICE_TYPE } from "../../radius-edge/wire/attribute-type.ts";
import * as read from "../../radius-edge/wire/attribute-readers.ts";
import {
  writeEapMessage,
  writeServiceType,
  writeState,
  writeUserName,
} from "../../radius-edge/wire/attribute-writers.ts";
import { mppeKeysOf, readMppeKeys } from "../../radius-edge/wire/mppe-keys.ts";
import type { Attribute } from "../../radius-edge/wire/packet.ts";
import { Supplicant } from "../supplicant.ts";
import { readAuthorization, type PortAuthorization } from "./authorization.ts";
import type { CertifiedClient, FleetClient, PasswordClient } from "./client.ts";
import type { Answered } from "./radius-client.ts";

/** How one authentication ended. */
export type AccessOutcome =
  | { readonly kind: "accepted"; readonly authorization: PortAuthorization }
  | { readonly kind: "rejected"; readonly sentence: string }
  /** The client would not go on: it does not trust the server, or the server broke off. */
  | { readonly kind: "failed"; readonly sentence: string }
  | { readonly kind: "noAnswer" };

interface AccessDesk {
  readonly secret: Secret;
  /** Sends an Access-Request of these attributes. */
  ask(attributes: readonly Attribute[]): Promise<Answered | undefined>;
}

/** Authenticates a client; `place` is what the NAS says of itself, the port and the session. */
export type Authenticate = (
  client: FleetClient,
  place: readonly Attribute[],
  desk: AccessDesk,
) => Promise<AccessOutcome>;

export const authenticate: Authenticate = (client, place, desk) =>
  client.kind === "mab" ? authenticateMac(client, place, desk) : relayEap(client, place, desk);

/** MAC authentication as access switches do it: the bare address as User-Name, and Call-Check (RFC 2865 §5.6). */
async function authenticateMac(
  { mac }: FleetClient,
  place: readonly Attribute[],
  desk: AccessDesk,
): Promise<AccessOutcome> {
  const answered = await desk.ask([writeUserName(mac), writeServiceType(SERVICE_TYPE.CallCheck), ...place]);
  if (answered === undefined) return { kind: "noAnswer" };
  const { packet } = answered;
  return packet.code === "Access-Accept"
    ? { kind: "accepted", authorization: readAuthorization(packet) }
    : { kind: "rejected", sentence: read.readReplyMessage(packet) ?? "Access-Reject." };
}

/** More turns than the longest certificate chain takes. */
const MAX_TURNS = 100;

/** RFC 3579 §2: the NAS carries EAP between client and server, and gives back the State of each challenge. */
async function relayEap(
  client: CertifiedClient | PasswordClient,
  place: readonly Attribute[],
  desk: AccessDesk,
): Promise<AccessOutcome> {
  const supplicant = new Supplicant(client);
  const common = [writeUserName(client.identity), writeServiceType(SERVICE_TYPE.Framed), ...place];
  try {
    let eap = supplicant.identityResponse(1);
    let state: readonly Attribute[] = [];
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const answered = await desk.ask([...common, ...state, ...writeEapMessage(eap)]);
      if (answered === undefined) return { kind: "noAnswer" };
      const said = await supplicant.answer(read.readEapMessage(answered.packet) ?? Buffer.alloc(0));
      if (answered.packet.code !== "Access-Challenge") return conclude(answered, said, desk.secret);
      if (said.kind !== "response") return { kind: "failed", sentence: sentenceOf(said) };
      ({ eap } = said);
      const handle = read.readState(answered.packet);
      state = handle === undefined ? [] : [writeState(Buffer.from(handle))];
    }
    return { kind: "failed", sentence: `EAP did not end in ${MAX_TURNS} turns.` };
  } finally {
    supplicant.close();
  }
}

type Said = Awaited<ReturnType<Supplicant["answer"]>>;

function conclude({ packet, requestAuthenticator }: Answered, said: Said, secret: Secret): AccessOutcome {
  if (packet.code !== "Access-Accept") return { kind: "rejected", sentence: sentenceOf(said) };
  if (said.kind !== "success") return { kind: "failed", sentence: sentenceOf(said) };
  // The four-way handshake of 802.11i proves to the client that the NAS holds the same key: here they are compared.
  const expected = mppeKeysOf(said.msk);
  const given = readMppeKeys(packet, secret, requestAuthenticator);
  const keysAgree = given?.receiveKey.equals(expected.receiveKey) === true && given.sendKey.equals(expected.sendKey);
  return keysAgree
    ? { kind: "accepted", authorization: readAuthorization(packet) }
    : { kind: "failed", sentence: "The keys of the Access-Accept are not the client's." };
}

function sentenceOf(said: Said): string {
  return said.kind === "failure" ? said.sentence : "The server broke EAP off.";
}

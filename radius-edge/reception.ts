import type { Nas } from "../domain/nas.ts";
import type { Secret } from "../domain/secret.ts";
import type { Admission } from "./admission.ts";
import type { Duplicates } from "./duplicates.ts";
import type { NasProfiles } from "./nas-profiles.ts";
import type { Peer } from "./peer.ts";
import { drop } from "./wire/drop-reason.ts";
import type { Drop } from "./wire/drop-reason.ts";
import { unmappedAddress } from "./wire/ip-address.ts";
import { decodePacket } from "./wire/packet.ts";
import type { Packet } from "./wire/packet.ts";

export type Service = "authentication" | "accounting";

/** Where packets come in: a UDP socket, or one TLS connection. */
export interface Entrance {
  /** What came through it lately: the same octets through two doors are two requests. */
  readonly duplicates: Duplicates;
  readonly serves: Service | "both";
  nasOf(packet: Packet, address: string): Nas | undefined;
  /** The secret that `packet` was verified with. `now`: epoch milliseconds. */
  verify(packet: Packet, nas: Nas, now: number): Secret | Drop;
}

/** The peer that sent a packet. */
export interface Remote {
  readonly address: string;
  readonly port: number;
}

/** A request whose sender is known. */
interface Attributed {
  readonly kind: "attributed";
  readonly service: Service;
  readonly packet: Packet;
  readonly peer: Peer;
}

/** A request that is new, and in hand until it is settled, by its answer or by none. */
export interface Taken extends Omit<Attributed, "kind"> {
  readonly kind: "taken";
  settle(answer: Buffer | undefined): void;
}

/** A request to work on, the octets that its first copy was answered, or why it gets neither. Throws only by a fault of ours. */
export type Receive = (
  entrance: Entrance,
  datagram: Buffer,
  remote: Remote,
) => Taken | { readonly kind: "answered"; readonly bytes: Buffer } | Drop;

/** Each packet is bounded, attributed to a NAS, verified and checked for repetition before anything reads it. */
export function createReception(options: {
  readonly admission: Admission;
  readonly profiles: NasProfiles;
  readonly now: () => number;
}): Receive {
  const { admission, profiles, now } = options;
  return (entrance, datagram, remote) => {
    const instant = now();
    const attributed = attribute(entrance, datagram, remote, profiles, instant);
    if (attributed.kind === "drop") return attributed;
    const { service, packet, peer } = attributed;
    const arrival = entrance.duplicates.arrive({ address: remote.address, port: remote.port, packet }, instant);
    if (arrival.kind === "inFlight") return drop("duplicate-in-flight");
    if (arrival.kind === "answered") return arrival;
    const refused = admission.enter(packet, peer.nas.id);
    if (refused !== undefined) {
      arrival.answer(undefined);
      return refused;
    }
    const settle = (answer: Buffer | undefined): void => {
      admission.leave(peer.nas.id);
      arrival.answer(answer);
    };
    return { kind: "taken", service, packet, peer, settle };
  };
}

function attribute(
  entrance: Entrance,
  datagram: Buffer,
  { address }: Remote,
  profiles: NasProfiles,
  now: number,
): Attributed | Drop {
  const decoded = decodePacket(datagram);
  if (decoded.kind === "drop") return decoded;
  const { packet } = decoded;
  const service = serviceOf(packet, entrance.serves);
  if (typeof service !== "string") return service;
  const nas = entrance.nasOf(packet, address);
  if (nas === undefined) return drop("unknown-nas");
  const secret = entrance.verify(packet, nas, now);
  if ("kind" in secret) return secret;
  const peer = { nas, secret, sourceAddress: unmappedAddress(address), profile: profiles.of(nas.profile, packet) };
  return { kind: "attributed", service, packet, peer };
}

/** RFC 2865 §3, RFC 2866 §3: what each port serves; RadSec has one for both, and says nothing of the two (RFC 6614 §2.5). */
function serviceOf({ code }: Packet, serves: Entrance["serves"]): Service | Drop {
  // RFC 5997 §3: the answer is that of the port.
  if (code === "Status-Server") return serves === "accounting" ? "accounting" : "authentication";
  if (code !== "Access-Request" && code !== "Accounting-Request") return drop("unsupported-code");
  const service = code === "Access-Request" ? "authentication" : "accounting";
  return serves === "both" || serves === service ? service : drop("wrong-port");
}

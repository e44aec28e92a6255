import type { Nas } from "../../domain/nas.ts";
import { secret } from "../../domain/secret.ts";
import { createEnvelope } from "../../radius-edge/envelope.ts";
import type { Envelope } from "../../radius-edge/envelope.ts";
import { writeEapMessage, writeProxyState, writeUserName } from "../../radius-edge/wire/attribute-writers.ts";
import { signRequest } from "../../radius-edge/wire/authenticator.ts";
import { newRequestAuthenticator } from "../../radius-edge/wire/exchange.ts";
import { encodePacket } from "../../radius-edge/wire/packet.ts";
import type { Attribute, Packet } from "../../radius-edge/wire/packet.ts";
import { writeUserPassword } from "../../radius-edge/wire/password.ts";
import { createLog } from "../../runtime/log.ts";
import { nasOf } from "./nas-in-test.ts";
import { accessRequest, bytesOf, packetOf, SECRET } from "./wire/make.ts";

const PROXIED = writeProxyState(Buffer.from("p"));
const EAP = writeEapMessage(Buffer.from([2, 1, 0, 5, 1]));
const NOW = 1_700_000_000_000;

/** An Access-Request with these attributes, with Message-Authenticator or without. */
function signed(...attributes: readonly Attribute[]): Packet {
  return packetOf(accessRequest([writeUserName("nemo"), ...attributes]));
}

function bare(...attributes: readonly Attribute[]): Packet {
  const draft = { code: "Access-Request", identifier: 1, authenticator: newRequestAuthenticator() } as const;
  return packetOf(bytesOf(encodePacket({ ...draft, attributes: [writeUserName("nemo"), ...attributes] })));
}

const learned: string[] = [];
let envelope: Envelope;
beforeEach(() => {
  learned.length = 0;
  const write = (line: string) => void learned.push((JSON.parse(line) as { learned: string }).learned);
  envelope = createEnvelope(createLog("edge", "info", { write }));
});

/** `ok`, or why the packet was dropped. */
function verdict(packet: Packet, nas: Nas): string {
  const verified = envelope.verify(packet, nas, NOW);
  return "kind" in verified ? verified.reason : "ok";
}

test("EAP needs Message-Authenticator, whatever is demanded (RFC 3579 §3.1)", () => {
  for (const demand of ["yes", "auto", "no"] as const) {
    const nas = nasOf({ requireMessageAuthenticator: demand, limitProxyState: demand });
    expect(verdict(bare(...EAP), nas)).toBe("eap-without-message-authenticator");
    expect(verdict(signed(...EAP), nas)).toBe("ok");
  }
});

test.each([
  ["yes", "message-authenticator-missing", "message-authenticator-missing"],
  ["auto", "ok", "message-authenticator-missing"],
  ["no", "ok", "ok"],
] as const)("require_message_authenticator %s: at first %s, and once seen %s", (demand, atFirst, onceSeen) => {
  const nas = nasOf({ requireMessageAuthenticator: demand });
  expect(verdict(bare(), nas)).toBe(atFirst);
  expect(verdict(signed(), nas)).toBe("ok");
  expect(verdict(bare(), nas)).toBe(onceSeen);
});

test.each([
  ["yes", "proxy-state-without-message-authenticator", "proxy-state-without-message-authenticator"],
  ["auto", "ok", "proxy-state-without-message-authenticator"],
  ["no", "ok", "ok"],
] as const)(
  "limit_proxy_state %s: at first %s, and once this is known to be no old proxy %s",
  (demand, first, then) => {
    const nas = nasOf({ requireMessageAuthenticator: "no", limitProxyState: demand });
    expect(verdict(bare(PROXIED), nas)).toBe(first);
    expect(verdict(signed(PROXIED), nas)).toBe("ok");
    expect(verdict(bare(PROXIED), nas)).toBe(then);
    const plain = nasOf({ requireMessageAuthenticator: "no", limitProxyState: demand });
    expect(verdict(bare(), plain)).toBe("ok");
    expect(verdict(bare(PROXIED), plain)).toBe(then);
  },
);

test("what one NAS was seen to send is demanded of no other, is told once, and not learned from a forgery", () => {
  const [one, other] = [nasOf(), nasOf()];
  const forged = Buffer.from(signed().bytes);
  forged[forged.length - 1]! ^= 1;
  expect(verdict(packetOf(forged), one)).toBe("message-authenticator-wrong");
  expect(verdict(bare(PROXIED), one)).toBe("ok");
  expect(learned).toEqual([]);
  expect([verdict(signed(), one), verdict(signed(), one)]).toEqual(["ok", "ok"]);
  expect(learned).toEqual(["requireMessageAuthenticator", "limitProxyState"]);
  expect(verdict(bare(PROXIED), other)).toBe("ok");
});

test("what comes first, forged or not, takes no demand away: a NAS that never signs is limited by its first plain request", () => {
  const [never, old] = [nasOf(), nasOf({ limitProxyState: "no" })];
  expect([verdict(bare(PROXIED), never), verdict(bare(PROXIED), never)]).toEqual(["ok", "ok"]);
  expect([verdict(bare(), never), verdict(bare(), never)]).toEqual(["ok", "ok"]);
  expect(learned).toEqual(["limitProxyState"]);
  expect(verdict(bare(PROXIED), never)).toBe("proxy-state-without-message-authenticator");
  expect([verdict(bare(), old), verdict(bare(PROXIED), old)]).toEqual(["ok", "ok"]);
});

test("behaviour 8.2: two secrets hold during a rotation, until the one before expires", () => {
  const next = secret("the next shared secret");
  const nas = nasOf({ secret: next, previousSecret: { secret: SECRET, expiresAt: NOW + 1 } });
  const old = signed();
  const bytes = Buffer.from(old.bytes);
  signRequest(bytes, next);
  const renewed = packetOf(bytes);
  expect(envelope.secretInUse(nas, NOW)).toBe(next);
  expect(envelope.verify(old, nas, NOW)).toBe(SECRET);
  // What goes to the NAS unasked, CoA, is signed with what it signs with itself.
  expect([envelope.secretInUse(nas, NOW), envelope.secretInUse(nas, NOW + 1)]).toEqual([SECRET, next]);
  expect(envelope.verify(renewed, nas, NOW)).toBe(next);
  expect(envelope.secretInUse(nas, NOW)).toBe(next);
  expect(envelope.verify(renewed, nas, NOW + 1)).toBe(next);
  expect(envelope.verify(old, nas, NOW + 1)).toMatchObject({ reason: "message-authenticator-wrong" });
  signRequest(bytes, secret("a third"));
  expect(envelope.verify(packetOf(bytes), nas, NOW)).toMatchObject({ reason: "message-authenticator-wrong" });
});

test("behaviour 8.2: of an old NAS that signs nothing, the hidden password tells which secret it has", () => {
  const next = secret("the next shared secret");
  const nas = nasOf({ secret: next, previousSecret: { secret: SECRET, expiresAt: NOW + 1 } });
  for (const held of [SECRET, next]) {
    const authenticator = newRequestAuthenticator();
    const attributes = [writeUserPassword(secret("a483e7000001"), held, authenticator)];
    const packet = { code: "Access-Request", identifier: 1, authenticator, attributes } as const;
    expect(envelope.verify(packetOf(bytesOf(encodePacket(packet))), nas, NOW)).toBe(held);
  }
  expect(envelope.verify(bare(), nas, NOW)).toBe(next);
});

test("a NAS that speaks RadSec only is unknown over UDP", () => {
  expect(verdict(signed(), nasOf({ address: undefined, secret: undefined }))).toBe("unknown-nas");
});

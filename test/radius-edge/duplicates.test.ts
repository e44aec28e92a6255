import { createDuplicates } from "../../radius-edge/duplicates.ts";
import type { Packet } from "../../radius-edge/wire/packet.ts";
import { accessRequest, packetOf } from "./wire/make.ts";

const ANSWER = Buffer.from("answer");
const PACKET = packetOf(accessRequest([]));

/** The same octets from an address of this name. */
function from(address: string, change: { readonly port?: number; readonly packet?: Packet } = {}) {
  return { address, port: 1_645, packet: PACKET, ...change };
}

/** Arrives for the first time, and says how it was answered. */
function firstOf(duplicates: ReturnType<typeof createDuplicates>, key: string, now: number) {
  const arrival = duplicates.arrive(from(key), now);
  if (arrival.kind !== "new") throw new Error(`"${key}" is ${arrival.kind}`);
  return arrival.answer;
}

test("a repetition meets silence while the first is worked on, then the same octets for at least five seconds", () => {
  const duplicates = createDuplicates(10_000);
  const answer = firstOf(duplicates, "a", 0);
  expect(duplicates.arrive(from("a"), 100)).toEqual({ kind: "inFlight" });
  answer(ANSWER);
  for (const now of [200, 5_000, 9_999]) {
    expect(duplicates.arrive(from("a"), now)).toEqual({ kind: "answered", bytes: ANSWER });
  }
  expect(duplicates.arrive(from("a"), 10_000).kind).toBe("new");
  expect(duplicates.arrive(from("b"), 10_000).kind).toBe("new");
});

test("what was dropped is forgotten at once, so that its retransmission has its chance", () => {
  const duplicates = createDuplicates(10_000);
  firstOf(duplicates, "a", 0)(undefined);
  expect(duplicates.size).toBe(0);
  expect(duplicates.arrive(from("a"), 1).kind).toBe("new");
});

test("memory is bounded: of too many answers the oldest go first", () => {
  const duplicates = createDuplicates(10_000, 3);
  for (const key of ["a", "b", "c", "d", "e"]) firstOf(duplicates, key, 0)(ANSWER);
  expect(duplicates.size).toBe(3);
  expect(duplicates.arrive(from("e"), 1).kind).toBe("answered");
  expect(duplicates.arrive(from("a"), 1).kind).toBe("new");
});

test("RFC 5080 §2.2.2: another address, port, code, identifier or authenticator is another request", () => {
  const duplicates = createDuplicates(10_000);
  firstOf(duplicates, "a", 0)(ANSWER);
  const changed = (offset: number): Packet => {
    const bytes = Buffer.from(PACKET.bytes);
    bytes[offset]! ^= 4;
    return packetOf(bytes);
  };
  const others = [
    from("b"),
    from("a", { port: 1_646 }),
    ...[0, 1].map((offset) => from("a", { packet: changed(offset) })),
  ];
  for (const other of others) expect(duplicates.arrive(other, 1).kind).toBe("new");
  expect(duplicates.arrive(from("a"), 2).kind).toBe("answered");
  // A port has one request of an identifier at a time.
  expect(duplicates.arrive(from("a", { packet: changed(4) }), 3).kind).toBe("new");
  expect(duplicates.arrive(from("a"), 4).kind).toBe("new");
});

test("the answer to a request whose place another has taken is not the other's", () => {
  const duplicates = createDuplicates(10_000);
  const early = firstOf(duplicates, "a", 0);
  const next = { ...from("a"), packet: packetOf(accessRequest([])) };
  expect(duplicates.arrive(next, 1).kind).toBe("new");
  early(ANSWER);
  expect(duplicates.arrive(next, 2)).toEqual({ kind: "inFlight" });
  early(undefined);
  expect(duplicates.arrive(next, 3)).toEqual({ kind: "inFlight" });
});

test("an answer is kept its full time, however the requests around it fall", () => {
  for (const at of [0, 1, 4_999, 9_999, 10_000, 15_000]) {
    const duplicates = createDuplicates(10_000);
    for (const before of [0, 10_000]) firstOf(duplicates, `early ${before}`, Math.min(before, at));
    firstOf(duplicates, "a", at)(ANSWER);
    for (let now = at + 1; now < at + 10_000; now += 1_111) {
      firstOf(duplicates, `other ${now}`, now);
      expect(duplicates.arrive(from("a"), now).kind).toBe("answered");
    }
    expect(duplicates.arrive(from("a"), at + 10_000).kind).toBe("new");
  }
});

test("an unsigned request, which anybody can send in a NAS's name, does not take the place of a signed one", () => {
  const duplicates = createDuplicates(10_000);
  firstOf(duplicates, "a", 0)(ANSWER);
  const unsigned = { ...packetOf(accessRequest([])), bytes: PACKET.bytes, messageAuthenticatorOffset: undefined };
  expect(duplicates.arrive(from("a", { packet: unsigned }), 1).kind).toBe("new");
  expect(duplicates.arrive(from("a"), 2).kind).toBe("answered");
});

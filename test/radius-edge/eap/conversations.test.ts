import { setTimeout as wait } from "node:timers/promises";
import type { Conversations, Turn } from "../../../radius-edge/eap/conversations.ts";
import { decodeEap, EAP_TYPE, encodeEapMessage } from "../../../radius-edge/eap/packet.ts";
import { newState } from "../../../radius-edge/eap/state.ts";
import { Supplicant } from "../../../simulators/supplicant.ts";
import { converse, createSite, NAS, type Site } from "./bench.ts";
import { BOTH } from "./in-threads.ts";

let site: Site;
let supplicant: Supplicant;
let conversations: Conversations;
beforeAll(async () => {
  site = await createSite();
});
beforeEach(async () => {
  const device = await site.authority.issue({ commonName: "mac-01" });
  supplicant = new Supplicant({ identity: "mac-01", ...device, trustedCas: [site.authority.certificatePem] });
});
afterEach(async () => {
  supplicant.close();
  await conversations.close();
});

type Challenge = Extract<Turn, { kind: "challenge" }>;

function arrive(eap: Buffer, state?: Buffer, nas = NAS): Promise<Turn> {
  return conversations.receive({ nas, eap, state, framedMtu: undefined, context: site.context });
}

async function challenge(eap: Buffer, state?: Buffer): Promise<Challenge> {
  const turn = await arrive(eap, state);
  if (turn.kind !== "challenge") throw new Error(JSON.stringify(turn));
  return turn;
}

async function answer(turn: Challenge): Promise<Buffer> {
  const said = await supplicant.answer(turn.eap);
  if (said.kind !== "response") throw new Error(said.kind);
  return said.eap;
}

describe.each(BOTH)("%s", (name, open) => {
  const inThreads = (kind: string): string[] => (name === BOTH[1]![0] ? [kind] : []);
  describe("without bounds of the test's own", () => {
    beforeEach(async () => {
      conversations = await open();
    });
    test("the accept carries the Failure too, so that policy can still refuse, and the conversation is over", async () => {
      const { server } = await converse(conversations, site.context, supplicant, undefined);
      if (server.kind !== "accept") throw new Error(server.kind);
      const success = decodeEap(server.eap);
      expect(success.kind).toBe("success");
      expect(decodeEap(server.refusal)).toEqual({ ...success, kind: "failure" });
      expect(conversations.size()).toBe(0);
    });

    test("an empty message makes us ask for the Identity", async () => {
      const asked = await challenge(Buffer.alloc(0));
      expect(decodeEap(asked.eap)).toMatchObject({ kind: "request", type: EAP_TYPE.identity });
      const proposed = await challenge(await answer(asked), asked.state);
      expect(proposed.state.equals(asked.state)).toBe(true);
      expect(decodeEap(proposed.eap)).toMatchObject({ kind: "request", type: EAP_TYPE.tls });
      expect(conversations.size()).toBe(1);
    });

    test("a repeated packet is answered as the first time, and does not move the conversation", async () => {
      const start = await challenge(supplicant.identityResponse(3));
      const hello = await answer(start);
      const [first, repeated] = await Promise.all([arrive(hello, start.state), arrive(hello, start.state)]);
      expect(repeated).toEqual(first);
      expect(await arrive(Buffer.from(hello), start.state)).toEqual(first);
      // Something discarded in between changes nothing.
      expect((await arrive(Buffer.from([2, 99, 0, 6, 13, 0]), start.state)).kind).toBe("drop");
      expect(await arrive(hello, start.state)).toEqual(first);
      if (first.kind !== "challenge") throw new Error(first.kind);
      const next = await answer(first);
      expect((await arrive(next, start.state)).kind).toBe("challenge");
    });

    test("a second answer to the request under work is dropped", async () => {
      const start = await challenge(supplicant.identityResponse(3));
      const hello = await answer(start);
      const other = Buffer.concat([hello]);
      other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
      const [first, second] = await Promise.all([arrive(hello, start.state), arrive(other, start.state)]);
      expect(first.kind).toBe("challenge");
      // In a thread the first may be through by the time that it hears the second.
      expect(["busy", ...inThreads("discarded")]).toContain(second.kind === "drop" && second.reason);
    });

    test("an Identity in mid-conversation begins another in its place", async () => {
      const start = await challenge(supplicant.identityResponse(3));
      const again = await challenge(supplicant.identityResponse(4), start.state);
      expect(again.state.equals(start.state)).toBe(false);
      expect(conversations.size()).toBe(1);
    });

    test("handles of others, of the past and of nobody are dropped by name", async () => {
      const start = await challenge(supplicant.identityResponse(3));
      const hello = await answer(start);
      expect(await arrive(hello, newState(7))).toMatchObject({ kind: "drop", reason: "unknownState" });
      expect(await arrive(hello, newState(8))).toMatchObject({ kind: "drop", reason: "foreignState" });
      expect(await arrive(hello, Buffer.from("theirs"))).toMatchObject({ kind: "drop", reason: "foreignState" });
      expect(await arrive(hello)).toMatchObject({ kind: "drop", reason: "missingState" });
      expect(await arrive(Buffer.from("no EAP"))).toMatchObject({ kind: "drop", reason: "missingState" });
    });

    test("behaviour 8.1: a conversation belongs to the NAS that began it", async () => {
      const start = await challenge(supplicant.identityResponse(1));
      const hello = await answer(start);
      expect(await arrive(hello, start.state, "another NAS")).toMatchObject({ kind: "drop", reason: "foreignState" });
      expect((await arrive(hello, start.state)).kind).toBe("challenge");
    });

    test("closing ends what is under way at once, and refuses nobody", async () => {
      const start = await challenge(supplicant.identityResponse(3));
      const hello = await answer(start);
      const pending = arrive(hello, start.state);
      await conversations.close();
      expect(["challenge", "drop"]).toContain((await pending).kind);
      expect(conversations.size()).toBe(0);
    });

    describe("Nak", () => {
      const nak = (identifier: number, type: number, typeData: readonly number[]): Buffer =>
        encodeEapMessage({ kind: "response", identifier, type, typeData: Buffer.from(typeData) });

      test.each([
        ["PEAP", EAP_TYPE.nak, [25], /EAP type 25/],
        ["nothing", EAP_TYPE.nak, [0], /names no other/],
        ["the very method offered", EAP_TYPE.nak, [EAP_TYPE.tls], /EAP type 13/],
        ["a vendor's own", EAP_TYPE.expanded, [0, 0, 0, 0, 0, 0, 3], /names no other/],
      ])("a client that wants %s is refused, and says so", async (_name, type, wanted, sentence) => {
        const start = await challenge(supplicant.identityResponse(3));
        const turn = await arrive(nak(start.eap.readUInt8(1), type, wanted), start.state);
        if (turn.kind !== "reject") throw new Error(turn.kind);
        expect(turn).toMatchObject({ identity: "mac-01", failure: { reason: "methodRefused" } });
        expect(turn.failure.sentence).toMatch(sentence);
        expect(conversations.size()).toBe(0);
      });

      test("comes too late once the method has begun", async () => {
        const start = await challenge(supplicant.identityResponse(3));
        const flight = await challenge(await answer(start), start.state);
        const turn = await arrive(nak(flight.eap.readUInt8(1), EAP_TYPE.nak, [25]), start.state);
        expect(turn).toMatchObject({ kind: "drop", reason: "discarded" });
      });
    });
  });

  test("more conversations than may be open are dropped, and the open ones go on", async () => {
    conversations = await open({ capacity: 2 });
    const start = await challenge(supplicant.identityResponse(1));
    await challenge(supplicant.identityResponse(2));
    expect(await arrive(supplicant.identityResponse(3))).toMatchObject({ kind: "drop", reason: "full" });
    expect((await arrive(await answer(start), start.state)).kind).toBe("challenge");
  });

  test("one NAS leaves room for the others, and gets its own back", async () => {
    conversations = await open({ capacityPerNas: 2 });
    const start = await challenge(supplicant.identityResponse(1));
    await challenge(supplicant.identityResponse(2));
    expect(await arrive(supplicant.identityResponse(3))).toMatchObject({ kind: "drop", reason: "nasFull" });
    expect((await arrive(supplicant.identityResponse(3), undefined, "another NAS")).kind).toBe("challenge");
    // An Identity in mid-conversation ends what it replaces.
    expect((await arrive(supplicant.identityResponse(4), start.state)).kind).toBe("challenge");
    expect(conversations.size()).toBe(3);
  });

  test("a conversation that its client left at the first Request gives way when there is no room, one under way does not", async () => {
    conversations = await open({ capacityPerNas: 2, patienceMs: 0 });
    const start = await challenge(supplicant.identityResponse(1));
    const hello = await answer(start);
    await challenge(hello, start.state);
    const left = await challenge(Buffer.alloc(0));
    await wait(5);
    const next = await challenge(Buffer.alloc(0));
    expect(await arrive(hello, left.state)).toMatchObject({ kind: "drop", reason: "unknownState" });
    expect((await arrive(hello, start.state)).kind).toBe("challenge");
    expect((await arrive(supplicant.identityResponse(next.eap.readUInt8(1)), next.state)).kind).toBe("challenge");
    expect(conversations.size()).toBe(2);
  });

  describe("when as many are under way as may be", () => {
    const begin = (identifier: number, nas = NAS): Promise<Turn> =>
      arrive(supplicant.identityResponse(identifier), undefined, nas);

    test("a NAS with many beginnings, and nobody who goes on with them, leaves others their turn", async () => {
      conversations = await open({ firstUnderWay: 1 });
      await begin(1);
      const flood = Array.from({ length: 20 }, (_, n) => begin(n + 2));
      expect((await begin(1, "another NAS")).kind).toBe("challenge");
      await conversations.close();
      await Promise.all(flood);
    });

    test("a NAS without room for another is told so at once, and none gives way to one that only waits", async () => {
      // Who waits is let go after 100 ms, long before the others count as quiet.
      conversations = await open({ firstUnderWay: 2, finishMs: 200, capacityPerNas: 2, patienceMs: 1_000_000 });
      await Promise.all([begin(1), begin(2)]);
      expect(await begin(3)).toMatchObject({ kind: "drop", reason: "nasFull" });
      await conversations.close();
      conversations = await open({ firstUnderWay: 2, finishMs: 200, capacityPerNas: 2, patienceMs: 0 });
      await Promise.all([begin(1), begin(2)]);
      await wait(5);
      expect(await begin(3)).toMatchObject({ kind: "drop", reason: "full" });
      expect(conversations.size()).toBe(2);
    });

    test("one that ends by a Nak does not prove that more are possible", async () => {
      // Who waits is let go before those that began last count as quiet.
      conversations = await open({ firstUnderWay: 1, finishMs: 2_900 });
      const first = await begin(1);
      if (first.kind !== "challenge") throw new Error(first.kind);
      const others = [begin(2), begin(3)];
      const typeData = Buffer.from([25]);
      const identifier = first.eap.readUInt8(1);
      const nak = encodeEapMessage({ kind: "response", identifier, type: EAP_TYPE.nak, typeData });
      expect((await arrive(nak, first.state)).kind).toBe("reject");
      expect((await others[0]!).kind).toBe("challenge");
      expect(await others[1]!).toMatchObject({ kind: "drop", reason: "full" });
    });
  });

  test("abandoned conversations are released, with TLS under way or without", async () => {
    conversations = await open({ lifetimeMs: 400 });
    const device = await site.authority.issue({ commonName: "mac-02" });
    const profile = { identity: "mac-02", ...device, trustedCas: [site.authority.certificatePem] };
    for (let count = 0; count < 60; count++) {
      const client = new Supplicant(profile);
      const start = await challenge(client.identityResponse(1));
      const hello = await client.answer(start.eap);
      if (hello.kind === "response" && count % 2 === 0) await arrive(hello.eap, start.state);
      client.close();
    }
    expect(conversations.size()).toBeGreaterThan(0);
    while (conversations.size() > 0) await wait(20);
  });
});

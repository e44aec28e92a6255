import { createHash } from "node:crypto";
import { parseMac } from "../../../domain/mac-address.ts";
import { openConversations, type Conversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import { decodeEap, EAP_TYPE, encodeEapMessage, type EapMessage } from "../../../radius-edge/eap/packet.ts";
import { createSite, NAS, type Site } from "./bench.ts";

const IDENTITY = "a483e7000001";

let site: Site;
let conversations: Conversations;
beforeAll(async () => {
  site = await createSite();
  conversations = openConversations({ processId: 7 });
});
afterAll(() => conversations.close());

function arrive(eap: Buffer, state?: Buffer, calling = IDENTITY): Promise<Turn> {
  const context = { ...site.context, mac: parseMac(calling), takesMd5: true };
  return conversations.receive({ nas: NAS, eap, state, framedMtu: undefined, context });
}

const say = (type: number, identifier: number, typeData: Buffer): Buffer =>
  encodeEapMessage({ kind: "response", identifier, type, typeData });

async function begin(identity: string, calling?: string) {
  const turn = await arrive(say(EAP_TYPE.identity, 1, Buffer.from(identity)), undefined, calling);
  if (turn.kind !== "challenge") throw new Error(turn.kind);
  return { request: decodeEap(turn.eap) as EapMessage, state: turn.state };
}

/** RFC 1994 §4.1, RFC 3748 §5.4; a switch may add its name behind the value. */
async function answer(password: string, { request, state }: Awaited<ReturnType<typeof begin>>): Promise<Turn> {
  const challenge = request.typeData.subarray(1, 17);
  const value = createHash("md5").update(Buffer.of(request.identifier)).update(password).update(challenge).digest();
  return arrive(say(EAP_TYPE.md5, request.identifier, Buffer.concat([Buffer.of(16), value, Buffer.from("sw")])), state);
}

test.each(["a483e7000001", "A4-83-E7-00-00-01"])(
  "a switch proves %s by EAP-MD5, and there is no key",
  async (password) => {
    const begun = await begin(IDENTITY, "A4:83:E7:00:00:01");
    expect(begun.request).toMatchObject({
      type: EAP_TYPE.md5,
      typeData: expect.objectContaining({ length: 17 }) as Buffer,
    });
    const turn = await answer(password, begun);
    expect(turn).toMatchObject({ kind: "accept", evidence: { method: "EAP-MD5", identity: IDENTITY } });
    expect(turn.kind === "accept" && turn.msk).toHaveLength(0);
  },
);

test("another password is refused", async () => {
  const turn = await answer("secret", await begin(IDENTITY));
  expect(turn).toMatchObject({ kind: "reject", method: "EAP-MD5", failure: { reason: "macNotRepeated" } });
});

test.each([Buffer.alloc(0), Buffer.of(16), Buffer.alloc(17), Buffer.alloc(30, 15)])(
  "octets %j end it",
  async (octets) => {
    const { request, state } = await begin(IDENTITY);
    const turn = await arrive(say(EAP_TYPE.md5, request.identifier, octets), state);
    expect(turn).toMatchObject({ kind: "reject", failure: { reason: "protocolError" } });
  },
);

test("each challenge is another, so that an answer serves once", async () => {
  const values = await Promise.all(Array.from({ length: 8 }, async () => (await begin(IDENTITY)).request.typeData));
  expect(new Set(values.map((value) => value.toString("hex"))).size).toBe(8);
});

test.each([
  ["a user", "alice", IDENTITY],
  ["another client's MAC", "a483e7000002", IDENTITY],
  ["a MAC where the NAS tells none", IDENTITY, ""],
])("EAP-MD5 is not offered to %s, not even when asked for", async (_, identity, calling) => {
  const { request, state } = await begin(identity, calling);
  expect(request.type).toBe(EAP_TYPE.tls);
  const turn = await arrive(say(EAP_TYPE.nak, request.identifier, Buffer.of(EAP_TYPE.md5)), state);
  expect(turn).toMatchObject({ kind: "reject", failure: { reason: "methodRefused" } });
});

test("a client with its MAC as identity that wants EAP-TLS gets it", async () => {
  const { request, state } = await begin(IDENTITY);
  const turn = await arrive(say(EAP_TYPE.nak, request.identifier, Buffer.of(EAP_TYPE.tls)), state);
  expect(turn.kind === "challenge" && decodeEap(turn.eap)).toMatchObject({ type: EAP_TYPE.tls });
});

/** What docs/scale.md says of an edge: here nothing is set that an edge leaves as it is, but how many may begin at once. */
import { type Conversations, openConversations, type Turn } from "../../../radius-edge/eap/conversations.ts";
import { EAP_TYPE, encodeEapMessage } from "../../../radius-edge/eap/packet.ts";
import { createSite, type Site } from "./bench.ts";

const MORE_FRAGMENTS = 0x40;
const IDENTITY = encodeEapMessage({
  kind: "response",
  identifier: 1,
  type: EAP_TYPE.identity,
  typeData: Buffer.from("mac-01"),
});

let site: Site;
let conversations: Conversations;

beforeAll(async () => {
  site = await createSite();
});
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["Date", "hrtime", "nextTick", "performance", "queueMicrotask", "setImmediate"] });
  conversations = openConversations({ processId: 7, firstUnderWay: 10_000 });
});
afterEach(async () => {
  await conversations.close();
  jest.useRealTimers();
});

const arrive = (nas: string, eap: Buffer, state?: Buffer): Promise<Turn> =>
  conversations.receive({ nas, eap, state, framedMtu: undefined, context: site.context });

/** As far as the first piece of a ClientHello: it goes on, and costs next to nothing. */
async function begin(nas: string): Promise<void> {
  const start = await arrive(nas, IDENTITY);
  if (start.kind !== "challenge") throw new Error(start.kind);
  const typeData = Buffer.from([MORE_FRAGMENTS, 22]);
  const piece = { kind: "response", identifier: start.eap.readUInt8(1), type: EAP_TYPE.tls, typeData } as const;
  expect((await arrive(nas, encodeEapMessage(piece), start.state)).kind).toBe("challenge");
}

async function fill(nas: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await begin(nas);
}

test("1,000 conversations of one NAS may be open, 4,000 of all", async () => {
  await fill("a", 1_000);
  expect(await arrive("a", IDENTITY)).toMatchObject({ kind: "drop", reason: "nasFull" });
  for (const nas of ["b", "c"]) await fill(nas, 1_000);
  await fill("d", 500);
  await fill("e", 500);
  expect(await arrive("d", IDENTITY)).toMatchObject({ kind: "drop", reason: "full" });
  expect(conversations.size()).toBe(4_000);
});

test("a conversation has 30 seconds", async () => {
  await begin("a");
  jest.advanceTimersByTime(29_999);
  expect(conversations.size()).toBe(1);
  jest.advanceTimersByTime(1);
  expect(conversations.size()).toBe(0);
});

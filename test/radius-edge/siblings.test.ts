import { openConversations } from "../../radius-edge/eap/conversations.ts";
import type { Conversations, Turn } from "../../radius-edge/eap/conversations.ts";
import { LARGEST_PROCESS_ID, newState } from "../../radius-edge/eap/state.ts";
import { MOST_PROCESSES, processIdAt, siblingOf } from "../../radius-edge/process-id.ts";
import { withSiblings } from "../../radius-edge/siblings.ts";
import type { SiblingMessage } from "../../radius-edge/siblings.ts";
import { Supplicant } from "../../simulators/supplicant.ts";
import { openInThreads } from "./eap/in-threads.ts";
import { createSite, NAS } from "./eap/bench.ts";
import type { Site } from "./eap/bench.ts";

const FAMILY = 9;
let site: Site;
let opened: Conversations[];
let handedOver: number;
beforeAll(async () => {
  site = await createSite();
});
beforeEach(() => {
  opened = [];
  handedOver = 0;
});
afterEach(async () => {
  for (const one of opened) await one.close();
});

type Open = (limits: { readonly processId: number }) => Conversations | Promise<Conversations>;

/** As many processes as are asked for, whose parent passes their messages on while `isUp`. */
async function openFamily(count: number, open: Open, isUp: () => boolean = () => true): Promise<Conversations[]> {
  const ears = new Map<number, (message: SiblingMessage) => void>();
  for (let index = 0; index < count; index++) {
    const place = { family: FAMILY, index };
    const own = await open({ processId: processIdAt(place) });
    opened.push(own);
    const link = {
      send: (message: SiblingMessage) => void (isUp() && setImmediate(() => ears.get(message.to)?.(message))),
      listen: (hear: (message: SiblingMessage) => void) => void ears.set(index, hear),
    };
    opened[index] = withSiblings(own, { place, link, onHandOver: () => handedOver++ });
  }
  return opened;
}

function say(to: Conversations, eap: Buffer, state?: Buffer, nas = NAS): Promise<Turn> {
  return to.receive({ nas, eap, state, framedMtu: undefined, context: site.context });
}

async function newSupplicant(): Promise<Supplicant> {
  const device = await site.authority.issue({ commonName: "mac-01" });
  return new Supplicant({ identity: "mac-01", ...device, trustedCas: [site.authority.certificatePem] });
}

const inThisThread: Open = (limits) => openConversations(limits);
const inThreads: Open = ({ processId }) => openInThreads(1, { processId });

test.each([
  ["this thread", inThisThread],
  ["a thread of its own", inThreads],
])("a conversation whose packets go round all processes ends well, with EAP in %s", async (_name, open) => {
  const family = await openFamily(3, open);
  const supplicant = await newSupplicant();
  let eap = supplicant.identityResponse(1);
  let state: Buffer | undefined;
  for (let round = 0; ; round++) {
    const server = await say(family[round % 3]!, eap, state);
    if (server.kind === "drop") throw new Error(server.sentence);
    const client = await supplicant.answer(server.eap);
    if (server.kind === "challenge" && client.kind === "response") {
      ({ eap } = client);
      ({ state } = server);
      continue;
    }
    if (server.kind !== "accept" || client.kind !== "success") throw new Error(server.kind);
    expect(client.msk.equals(server.msk)).toBe(true);
    break;
  }
  expect(handedOver).toBeGreaterThan(2);
  expect(family.map((one) => one.size())).toEqual([0, 0, 0]);
});

test("a client that begins again at another process begins there, and what it left is released", async () => {
  const [first, second] = await openFamily(2, inThisThread);
  const supplicant = await newSupplicant();
  const start = await say(first!, supplicant.identityResponse(1));
  if (start.kind !== "challenge") throw new Error(start.kind);
  const again = await say(second!, supplicant.identityResponse(2), start.state);
  if (again.kind !== "challenge") throw new Error(again.kind);
  expect(again.state.equals(start.state)).toBe(false);
  expect([first!.size(), second!.size()]).toEqual([0, 1]);
});

test("an Identity that was asked for goes to who asked", async () => {
  const [first, second] = await openFamily(2, inThisThread);
  const asked = await say(first!, Buffer.alloc(0));
  if (asked.kind !== "challenge") throw new Error(asked.kind);
  const supplicant = await newSupplicant();
  const answered = await say(second!, supplicant.identityResponse(asked.eap[1]!), asked.state);
  expect(answered).toMatchObject({ kind: "challenge", state: asked.state });
  expect([first!.size(), second!.size()]).toEqual([1, 0]);
});

test("behaviour 8.1: handed over or not, a conversation belongs to the NAS that began it", async () => {
  const [first, second] = await openFamily(2, inThisThread);
  const start = await say(first!, (await newSupplicant()).identityResponse(1));
  if (start.kind !== "challenge") throw new Error(start.kind);
  const eap = Buffer.from([2, start.eap[1]!, 0, 6, 13, 0]);
  expect(await say(second!, eap, start.state, "another NAS")).toMatchObject({ kind: "drop", reason: "foreignState" });
});

test("a State of another family is foreign, and one that is over says so", async () => {
  const [first] = await openFamily(2, inThisThread);
  const eap = Buffer.from([2, 1, 0, 6, 13, 0]);
  const foreign = newState(processIdAt({ family: FAMILY + 1, index: 1 }));
  expect(await say(first!, eap, foreign)).toMatchObject({ kind: "drop", reason: "foreignState" });
  const over = newState(processIdAt({ family: FAMILY, index: 1 }));
  expect(await say(first!, eap, over)).toMatchObject({ kind: "drop", reason: "unknownState" });
  expect(handedOver).toBe(1);
});

test("a packet for a process that is silent gets no answer", async () => {
  const [first] = await openFamily(2, inThisThread, () => false);
  const state = newState(processIdAt({ family: FAMILY, index: 1 }));
  const turn = await say(first!, Buffer.from([2, 1, 0, 6, 13, 0]), state);
  expect(turn).toMatchObject({ kind: "drop", reason: "lost" });
});

test("every process of every family has a number of its own", () => {
  const LAST = 4_095;
  const ofFamily = (family: number) =>
    Array.from({ length: MOST_PROCESSES }, (_, index) => processIdAt({ family, index }));
  const numbers = [0, 1, LAST - 1, LAST].flatMap(ofFamily);
  expect(new Set(numbers).size).toBe(4 * MOST_PROCESSES);
  expect(Math.max(...numbers)).toBe(LARGEST_PROCESS_ID);
  for (const [index, id] of ofFamily(LAST).entries()) expect(siblingOf(id, { family: LAST, index: 0 })).toBe(index);
  expect(siblingOf(processIdAt({ family: 1, index: 0 }), { family: LAST, index: 0 })).toBeUndefined();
});

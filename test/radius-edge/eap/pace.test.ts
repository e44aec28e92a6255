import { setTimeout as wait } from "node:timers/promises";
import type { Conversations, Turn } from "../../../radius-edge/eap/conversations.ts";
import type { EapContext } from "../../../radius-edge/eap/method.ts";
import { createPace, type Pace } from "../../../radius-edge/eap/pace.ts";
import type { CertifiedKey } from "../../../simulators/certificates.ts";
import { Supplicant } from "../../../simulators/supplicant.ts";
import { createSite, NAS, type Site } from "./bench.ts";
import { BOTH } from "./in-threads.ts";

describe("how many may be under way", () => {
  const WITHIN_MS = 60_000;
  const IN_TIME = WITHIN_MS / 2;
  const LATE = WITHIN_MS + 1;
  const CAPACITY = 1_000;
  let isBusy: boolean;
  let quiet: number;
  let underWay: number;
  /** Of those that begin, in their order; and of those that may not. */
  let begun: string[];
  let refused: string[];
  let pace: Pace;
  beforeEach(() => {
    isBusy = true;
    quiet = underWay = 0;
    begun = [];
    refused = [];
  });
  afterEach(() => pace.close());

  function open(first: number, withinMs = WITHIN_MS, capacity = CAPACITY): void {
    const counts = { open: () => quiet + underWay, underWay: () => underWay, capacity };
    pace = createPace({ ...counts, first, withinMs, isBusy: () => isBusy });
  }

  async function come(count: number, nas = "a"): Promise<void> {
    const one = async (n: number): Promise<void> => {
      let leave = pace.mayBegin(nas);
      if (typeof leave !== "string") leave = await leave;
      if (leave !== "granted") return void refused.push(`${nas}${n} ${leave}`);
      begun.push(`${nas}${n}`);
      underWay++;
    };
    for (let n = 1; n <= count; n++) void one(n);
    await settled();
  }

  /** Many times as long as who may begin waits for that. */
  const settled = (): Promise<void> => wait(150);

  test("those that are quiet do not count, and who waits begins in turn when there is room", async () => {
    quiet = 500;
    open(2);
    await come(1);
    await come(3);
    expect(begun).toEqual(["a1", "a1"]);
    underWay--;
    await settled();
    expect(begun).toEqual(["a1", "a1", "a2"]);
    underWay -= 2;
    await settled();
    expect(begun).toEqual(["a1", "a1", "a2", "a3"]);
    expect(refused).toEqual([]);
  });

  test("who would wait too long, or behind a thousand, does not begin", async () => {
    open(1, 1_000);
    underWay = 1;
    for (const nas of ["a", "b", "c", "d"]) void come(250, nas);
    await come(2, "e");
    expect(refused.slice(0, 2)).toEqual(["e1 full", "e2 full"]);
    while (refused.length < 1_002) await settled();
    expect(begun).toEqual([]);
  });

  test("a quarter of the line is all that those of one NAS may fill, and gets free again", async () => {
    open(1);
    underWay = 1;
    await come(252);
    expect(refused).toEqual(["a251 nasFull", "a252 nasFull"]);
    underWay--;
    await settled();
    await come(2);
    expect(refused.slice(2)).toEqual(["a2 nasFull"]);
    await come(1, "b");
    expect(refused.length).toBe(3);
  });

  test("NASes take turns, however many of one wait", async () => {
    open(1);
    underWay = 1;
    await come(5, "a");
    await come(1, "b");
    await come(2, "c");
    for (let n = 0; n < 6; n++) {
      underWay--;
      await settled();
    }
    expect(begun).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
  });

  test("no more than may be open, however many end in good time", async () => {
    open(2, WITHIN_MS, 5);
    underWay = 2;
    await come(20);
    for (let n = 0; n < 20; n++) pace.note(IN_TIME);
    await settled();
    expect(underWay).toBe(5);
    pace.note(LATE);
    underWay = 0;
    await settled();
    expect(underWay).toBe(2);
  });

  test("one more for each that ends in good time while others wait, and not before", async () => {
    open(2);
    for (let n = 0; n < 5; n++) pace.note(IN_TIME);
    underWay = 2;
    await come(10);
    expect(begun).toEqual([]);
    for (let n = 0; n < 5; n++) pace.note(IN_TIME);
    pace.note(IN_TIME + 1);
    await settled();
    expect(underWay).toBe(7);
  });

  test("half as many when one ends late, once for all that are under way, and never none", async () => {
    open(50);
    for (let n = 0; n < 50; n++) pace.note(LATE);
    underWay = 20;
    await come(50);
    expect(underWay).toBe(25);
    pace.close();
    open(2);
    pace.note(LATE);
    underWay = 0;
    await come(5);
    expect(underWay).toBe(2);
  });

  test("what others take their time for is held against nobody", async () => {
    open(2);
    isBusy = false;
    underWay = 2;
    await come(10);
    for (let n = 0; n < 5; n++) pace.note(LATE);
    await settled();
    expect(underWay).toBe(7);
  });
});

const CLIENTS = 60;
/** Of whom all together cost more than the life of a conversation, on a machine of any speed. */
const EACH_MS = 25;
const LIFETIME_MS = 1_200;

describe.each(BOTH)("%s", (_name, open) => {
  let site: Site;
  let device: CertifiedKey;
  let conversations: Conversations;
  beforeAll(async () => {
    site = await createSite();
    device = await site.authority.issue({ commonName: "mac-01" });
  });
  afterEach(() => conversations.close());

  /** A judge that keeps the thread busy, as slow cryptography would. */
  const slow = (): EapContext => ({
    ...site.context,
    revocationOf: () => {
      for (const end = performance.now() + EACH_MS; performance.now() < end;);
      return { kind: "good", notes: [] };
    },
  });

  /** A client that begins again when its beginning is dropped. Answers with how its conversation ended. */
  async function comeIn(context: EapContext): Promise<string> {
    const supplicant = new Supplicant({ identity: "mac-01", ...device, trustedCas: [site.authority.certificatePem] });
    const ask = (eap: Buffer, state: Buffer | undefined) =>
      conversations.receive({ nas: NAS, eap, state, framedMtu: undefined, context });
    const begin = async (): Promise<Turn> => {
      const turn = await ask(supplicant.identityResponse(1), undefined);
      if (turn.kind !== "drop" || turn.reason !== "full") return turn;
      await wait(40);
      return begin();
    };
    let turn = await begin();
    while (turn.kind === "challenge") {
      const said = await supplicant.answer(turn.eap);
      if (said.kind !== "response") throw new Error(said.kind);
      turn = await ask(said.eap, turn.state);
    }
    supplicant.close();
    return turn.kind === "drop" ? turn.reason : turn.kind;
  }

  test("of more clients at once than can be served within a conversation's life, each that has begun gets in", async () => {
    conversations = await open({ lifetimeMs: LIFETIME_MS, finishMs: LIFETIME_MS / 3, firstUnderWay: 2 });
    const context = slow();
    const ends = await Promise.all(Array.from({ length: CLIENTS }, () => comeIn(context)));
    expect(new Set(ends)).toEqual(new Set(["accept"]));
  });
});

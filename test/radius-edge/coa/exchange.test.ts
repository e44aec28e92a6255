import { setTimeout as sleep } from "node:timers/promises";
import type { CoaOutcome } from "../../../domain/coa.ts";
import { secret } from "../../../domain/secret.ts";
import { Exchange } from "../../../radius-edge/coa/exchange.ts";
import type { TakePlace } from "../../../radius-edge/coa/exchange.ts";
import { openCoaSocket } from "../../../radius-edge/coa/socket.ts";
import { createCoaWindow } from "../../../radius-edge/coa/window.ts";
import { writeAcctSessionId } from "../../../radius-edge/wire/attribute-writers.ts";
import { openCoaNas } from "./nas.ts";

const SECRET = secret("between-edge-and-nas");
const closing: { close(): void }[] = [];
afterEach(() => closing.splice(0).forEach((part) => part.close()));

/** Requests to a NAS that says nothing; when they look at their time is the test's to say. */
async function toSilentNas(count: number) {
  const nas = await openCoaNas(() => undefined, { secret: SECRET });
  const socket = await openCoaSocket("127.0.0.1");
  closing.push(nas, socket);
  const attributes = [writeAcctSessionId("1")];
  const request = { address: "127.0.0.1", port: nas.port, secret: SECRET, code: "CoA-Request", attributes } as const;
  const window = createCoaWindow();
  const outcomes: CoaOutcome[] = [];
  const before = performance.now();
  const exchanges = Array.from({ length: count }, () => {
    const takePlace: TakePlace = ({ address, port }) => socket.take(address, port);
    const exchange = new Exchange(request, takePlace, (outcome) => void outcomes.push(outcome));
    exchange.enter(window);
    return exchange;
  });
  /** How many have come: as soon as there are that many, or no hope of it. */
  const received = async (expected: number): Promise<number> => {
    const end = performance.now() + 3_000;
    while (nas.received.length < expected && performance.now() < end) await sleep(5);
    await sleep(20);
    return nas.received.length;
  };
  return { exchanges, outcomes, received, before, after: performance.now() };
}

test("RFC 5080 §2.2.1: it is sent again after 2 s, then after 4 s, both ±10 %, and given up 8 s ±10 % after that", async () => {
  const { exchanges, outcomes, received, before, after } = await toSilentNas(1);
  const [exchange] = exchanges;
  expect(await received(1)).toBe(1);
  exchange!.look(before + 1_799, false);
  expect(await received(1)).toBe(1);
  const second = after + 2_201;
  exchange!.look(second, false);
  expect(await received(2)).toBe(2);
  exchange!.look(second + 3_599, false);
  expect(await received(2)).toBe(2);
  const third = second + 4_401;
  exchange!.look(third, false);
  expect(await received(3)).toBe(3);
  exchange!.look(third + 7_199, false);
  expect(outcomes).toEqual([]);
  exchange!.look(third + 8_801, false);
  expect(outcomes).toEqual([{ kind: "noAnswer", attempts: 3 }]);
  expect(await received(3)).toBe(3);
});

test("RFC 5080 §2.2.1: those that were sent together are not sent again together", async () => {
  const { exchanges, received, before } = await toSilentNas(128);
  expect(await received(128)).toBe(128);
  for (const exchange of exchanges) exchange.look(before + 1_999, false);
  const second = (await received(129)) - 128;
  expect([second > 0, second < 128]).toEqual([true, true]);
});

test("what fell due while this process stood still is sent again only once it has heard what waited meanwhile", async () => {
  const { exchanges, received, after } = await toSilentNas(1);
  const [exchange] = exchanges;
  expect(await received(1)).toBe(1);
  exchange!.look(after + 5_000, true);
  exchange!.look(after + 5_200, false);
  expect(await received(1)).toBe(1);
  exchange!.look(after + 5_250, false);
  expect(await received(2)).toBe(2);
});

test("RFC 5080 §2.2.1: a process that never comes to rest sends again, and gives up, hardly later than one that does", async () => {
  const { exchanges, outcomes, received, after } = await toSilentNas(1);
  const [exchange] = exchanges;
  expect(await received(1)).toBe(1);
  // Half a second at each turn: what fell due is seen in the next, spared for it, and done in the one after.
  const turn = (n: number): void => exchange!.look(after + n * 500, true);
  for (let n = 1; n <= 6; n++) turn(n);
  expect(await received(2)).toBe(2);
  for (let n = 7; n <= 17; n++) turn(n);
  expect(await received(3)).toBe(3);
  for (let n = 18; n <= 37 && outcomes.length === 0; n++) turn(n);
  expect(outcomes).toEqual([{ kind: "noAnswer", attempts: 3 }]);
});

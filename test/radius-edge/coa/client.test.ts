import { setTimeout as sleep } from "node:timers/promises";
import { secret } from "../../../domain/secret.ts";
import { openCoaClient } from "../../../radius-edge/coa/client.ts";
import type { CoaClient } from "../../../radius-edge/coa/client.ts";
import { NAS_WINDOW } from "../../../radius-edge/coa/window.ts";
import { writeAcctSessionId } from "../../../radius-edge/wire/attribute-writers.ts";
import { ack, nak, openCoaNas } from "./nas.ts";
import type { CoaNasOptions } from "./nas.ts";

const SECRET = secret("between-edge-and-nas");
const openNas = (respond: Parameters<typeof openCoaNas>[0], options: Partial<CoaNasOptions> = {}) =>
  keep(openCoaNas(respond, { secret: SECRET, ...options }));

const opened: { close(): void }[] = [];
async function keep<T extends { close(): void }>(part: Promise<T>): Promise<T> {
  opened.push(await part);
  return part;
}
afterEach(() => opened.splice(0).forEach((part) => part.close()));

const ask = (client: CoaClient, port: number, session = "1", address = "127.0.0.1") =>
  client.send({ address, port, secret: SECRET, code: "CoA-Request", attributes: [writeAcctSessionId(session)] });

test.each([
  ["acknowledged", ack(), { kind: "acknowledged" }],
  ["the session is gone", nak(503), { kind: "sessionGone" }],
  ["the NAS has begun, and will come with an Access-Request of its own", nak(507), { kind: "acknowledged" }],
  ["no resources now", nak(506), { kind: "refused", errorCause: 506, text: "506 Resources Unavailable" }],
  ["refused, with the NAS's reason", nak(401), { kind: "refused", errorCause: 401, text: "401 Unsupported Attribute" }],
])("%s", async (_title, draft, outcome) => {
  const nas = await openNas(() => draft);
  const client = await keep(openCoaClient("127.0.0.1"));
  expect(await ask(client, nas.port)).toEqual(outcome);
});

test("an answer by someone without the secret is none; the retransmission is the same octets", async () => {
  const forger = await openNas(() => ack(), { signs: secret("another") });
  const client = await keep(openCoaClient("127.0.0.1"));
  let outcome: unknown;
  const asked = ask(client, forger.port).then((said) => (outcome = said));
  while (forger.received.length < 2) await sleep(50);
  expect(outcome).toBeUndefined();
  expect(forger.received[1]).toEqual(forger.received[0]);
  client.close();
  opened.pop();
  await asked;
  expect(outcome).toEqual({ kind: "busy", text: "the edge is stopping" });
});

test("a lost packet costs one retransmission", async () => {
  const nas = await openNas((nth) => (nth === 1 ? undefined : ack()));
  const client = await keep(openCoaClient("127.0.0.1"));
  expect(await ask(client, nas.port)).toEqual({ kind: "acknowledged" });
  expect(nas.received).toHaveLength(2);
});

test("silence is told after three sends, and to who could not be sent for want of answers", async () => {
  const [nas, crowded] = [await openNas(() => undefined), await openNas(() => undefined)];
  const client = await keep(openCoaClient("127.0.0.1"));
  const asked = Array.from({ length: NAS_WINDOW.first + 2 }, (_, n) => ask(client, crowded.port, String(n)));
  expect(await ask(client, nas.port)).toEqual({ kind: "noAnswer", attempts: 3 });
  expect(nas.received).toHaveLength(3);
  const [late, latest] = (await Promise.all(asked)).slice(-2);
  expect(late).toEqual({ kind: "busy", text: "too many requests to this NAS are unanswered" });
  expect(latest).toEqual(late);
  expect(crowded.received).toHaveLength(3 * NAS_WINDOW.first);
}, 30_000);

test("a request that cannot be sent at all is told so, and takes nobody along who goes before or after it", async () => {
  const nas = await openNas(() => ack());
  const client = await keep(openCoaClient("127.0.0.1"));
  const outcomes = await Promise.all([
    ask(client, nas.port),
    ask(client, 0),
    ask(client, 65_536),
    ask(client, nas.port),
  ]);
  const refused = { kind: "notSent", text: expect.stringMatching(/port/i) as string };
  expect(outcomes).toEqual([{ kind: "acknowledged" }, refused, refused, { kind: "acknowledged" }]);
});

test("who asks a client that is closed is told so", async () => {
  const client = await openCoaClient("127.0.0.1");
  client.close();
  expect(await ask(client, 3799)).toEqual({ kind: "busy", text: "the edge is stopping" });
});

test("two thousand CoAs to one NAS 20 ms away are all acknowledged while a dead one is asked too", async () => {
  const nas = await openNas(() => ack(), { delayMs: 20 });
  const dead = await openNas(() => undefined);
  const client = await keep(openCoaClient("127.0.0.1"));
  const lost = Array.from({ length: 2_000 }, (_, n) => ask(client, dead.port, String(n)));
  const outcomes = await Promise.all(Array.from({ length: 2_000 }, (_, n) => ask(client, nas.port, String(n))));
  expect(outcomes.filter(({ kind }) => kind === "acknowledged")).toHaveLength(2_000);
  expect(nas.received).toHaveLength(2_000);
  client.close();
  opened.pop();
  expect(new Set((await Promise.all(lost)).map(({ kind }) => kind))).toEqual(new Set(["busy"]));
});

test("an edge that stood still reads the answers that wait, before it sends anything again", async () => {
  const nas = await openNas(() => ack());
  const client = await keep(openCoaClient("127.0.0.1"));
  const asked = Array.from({ length: NAS_WINDOW.first }, (_, n) => ask(client, nas.port, String(n)));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_300);
  expect(new Set((await Promise.all(asked)).map(({ kind }) => kind))).toEqual(new Set(["acknowledged"]));
  expect(nas.received).toHaveLength(NAS_WINDOW.first);
});

test("behaviour 8.2: a NAS is reached over IPv6, and over IPv4 from a socket for both", async () => {
  const six = await openNas(() => ack(), { host: "::1" });
  const four = await openNas(() => ack());
  const client = await keep(openCoaClient("::"));
  expect(await ask(client, six.port, "1", "::1")).toEqual({ kind: "acknowledged" });
  expect(await ask(client, four.port, "1", "127.0.0.1")).toEqual({ kind: "acknowledged" });
});

import { setTimeout as sleep } from "node:timers/promises";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { parseMac } from "../../domain/mac-address.ts";
import type { DeviceWorkflows } from "../../runtime/device-workflows.ts";
import { createLog } from "../../runtime/log.ts";
import { TemporalError } from "../../runtime/temporal-failure.ts";
import { recordBatch } from "../../store/edge-records.ts";
import { addCoaWish } from "../../store/outbox.ts";
import { openStore } from "../../store/pool.ts";
import type { Seen } from "../../workflows/contract.ts";
import { createPace } from "../../workers/pace.ts";
import { startWishLoop } from "../../workers/wish-loop.ts";
import { certificate, MAC, NOW } from "../support/domain-values.ts";
import { authentication, newId } from "../support/edge-records.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
let organizationId: OrganizationId;
const logged: string[] = [];
const log = createLog("relay", "trace", { write: (line) => void logged.push(line) });

beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.db.deleteFrom("outbox").execute();
  organizationId = await newOrganization(store);
});

/** Temporal as the relay sees it: what it was told, and what it answers. */
function recordingWorkflows(): {
  told: string[];
  seen: Seen[];
  failure: TemporalError | undefined;
  ports: DeviceWorkflows;
} {
  const told: string[] = [];
  const seen: Seen[] = [];
  const tell = (what: string): Promise<void> => {
    if (recorder.failure !== undefined) return Promise.reject(recorder.failure);
    told.push(what);
    return Promise.resolve();
  };
  const unasked = (): Promise<never> => Promise.reject(new Error("the relay does not ask this"));
  const recorder = {
    told,
    seen,
    failure: undefined as TemporalError | undefined,
    ports: {
      seen: (_organization, identity, wish) => {
        seen.push(wish);
        return tell(identity);
      },
      sessionChanged: (_organization, identity) => tell(`session of ${identity}`),
      coa: (input, id) => tell(`${input.coaType} ${id}`),
      ensure: unasked,
      checkNow: unasked,
      state: unasked,
      isRunning: unasked,
    } satisfies DeviceWorkflows,
  };
  return recorder;
}

const deviceId = (n: number) => `d20e0f3d-66af-4b92-b31e-1da394df1e${(16 + n).toString(16)}`;
const identity = (n: number) => `device:${deviceId(n).replaceAll("-", "")}`;
const mac = (n: number) => parseMac(`a483e71122${(16 + n).toString(16)}`)!;
const authenticated = (n: number, at: number) =>
  recordBatch(store, [
    authentication(organizationId, {
      at,
      evidence: { mac: mac(n), certificate: certificate({ sanDns: [deviceId(n)] }) },
    }),
  ]);
const waiting = async () => (await store.db.selectFrom("outbox").selectAll().execute()).length;

const prepare = () => Promise.resolve(undefined);

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500 && !(await done()); tries++) await sleep(20);
  expect(await done()).toBe(true);
}

test("the newest wish is told first, each once, with the client and time of its authentication", async () => {
  const temporal = recordingWorkflows();
  for (let n = 0; n < 4; n++) await authenticated(n, NOW + n);
  const loop = startWishLoop({
    store,
    log,
    workflows: temporal.ports,
    pace: createPace(1_000),
    prepare,
    onDoubt: () => undefined,
  });
  await until(async () => (await waiting()) === 0);
  await loop.close();
  expect(temporal.told).toEqual([3, 2, 1, 0].map(identity));
  expect(temporal.seen[0]).toMatchObject({ mac: mac(3), at: NOW + 3 });
});

test("while Temporal does not answer wishes wait, and when it is back each is told once", async () => {
  const temporal = recordingWorkflows();
  let doubts = 0;
  temporal.failure = new TemporalError("unreachable", "Temporal does not answer", undefined);
  const loop = startWishLoop({
    store,
    log,
    workflows: temporal.ports,
    pace: createPace(1_000),
    prepare,
    onDoubt: () => doubts++,
  });
  await authenticated(1, NOW);
  await authenticated(1, NOW + 1); // the same device again: one wish
  await authenticated(2, NOW + 2);
  await addCoaWish(store, { organizationId, mac: MAC, coaType: "reauth", source: "a test", id: newId() });
  await until(() => temporal.seen.length > 0);
  expect(await waiting()).toBe(3);
  temporal.failure = undefined;
  await until(async () => (await waiting()) === 0);
  await loop.close();
  expect(temporal.told).toHaveLength(3);
  expect(temporal.told.filter((what) => what === identity(1))).toHaveLength(1);
  expect(doubts).toBe(1);
});

test("a wish that the server refuses waits alone, and makes the relay look after what Temporal should hold", async () => {
  const temporal = recordingWorkflows();
  let doubts = 0;
  const refused = new TemporalError("refused", "Temporal refused the call: no such namespace", undefined);
  const seen: DeviceWorkflows["seen"] = (organization, subject, wish) =>
    subject === identity(1) ? Promise.reject(refused) : temporal.ports.seen(organization, subject, wish);
  const workflows = { ...temporal.ports, seen };
  await authenticated(1, NOW + 1);
  await authenticated(2, NOW + 2);
  const loop = startWishLoop({ store, log, workflows, pace: createPace(1_000), prepare, onDoubt: () => doubts++ });
  await until(async () => (await waiting()) === 1);
  await until(() => doubts > 0);
  await loop.close();
  expect(temporal.told).toEqual([identity(2)]);
  expect(logged.join("")).toContain("no such namespace");
});

test("no wish is told before Temporal is prepared for it", async () => {
  const temporal = recordingWorkflows();
  const answers = ["Temporal does not answer", "Temporal does not answer", undefined];
  await authenticated(1, NOW);
  const loop = startWishLoop({
    store,
    log,
    workflows: temporal.ports,
    pace: createPace(1_000),
    prepare: () => Promise.resolve(answers.shift()),
    onDoubt: () => undefined,
  });
  await until(async () => (await waiting()) === 0);
  await loop.close();
  expect(answers).toEqual([]);
  expect(temporal.told).toEqual([identity(1)]);
});

test("Postgres away is waited out", async () => {
  const temporal = recordingWorkflows();
  const away = openStore({ databaseUrl: "postgres://nobody@127.0.0.1:1/none", seals: store.seals });
  const loop = startWishLoop({
    store: away,
    log,
    workflows: temporal.ports,
    pace: createPace(1_000),
    prepare,
    onDoubt: () => undefined,
  });
  await until(() => logged.some((line) => line.includes("the outbox cannot be read")));
  await loop.close();
  await away.close();
  expect(temporal.told).toEqual([]);
});

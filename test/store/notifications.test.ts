import { setTimeout as sleep } from "node:timers/promises";
import { identityKey } from "../../domain/identity.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import { subscribe } from "../../store/notifications.ts";
import type { Change } from "../../store/notifications.ts";
import { writeSetting } from "../../store/settings.ts";
import { storeVerdict } from "../../store/verdicts.ts";
import { MAC, verdict } from "../support/domain-values.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const identity = identityKey({ kind: "mac", mac: MAC });
let store: TestStore;
let organizationId: OrganizationId;
beforeAll(async () => {
  store = await openTestStore();
  organizationId = await newOrganization(store);
});
afterAll(() => store.close());

/** A subscription, with what it has heard so far. */
async function listening(databaseUrl = store.databaseUrl) {
  const heard: (Change | "reconnected")[] = [];
  const warnings: string[] = [];
  const listener = await subscribe(databaseUrl, {
    onChange: (change) => heard.push(change),
    onReconnect: () => heard.push("reconnected"),
    log: { warn: (_, message) => warnings.push(message) },
  });
  const until = async (wanted: (typeof heard)[number]): Promise<void> => {
    while (!heard.some((one) => JSON.stringify(one) === JSON.stringify(wanted))) await sleep(10);
  };
  return { heard, warnings, until, close: () => listener.close() };
}

const change = () => storeVerdict(store, organizationId, identity, { verdict: verdict(), changed: true });

/** As an administrator or a failing network would. */
function cutListeners() {
  return store.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen %'",
  );
}

test("every change of an organization is announced with its revision, once it can be read", async () => {
  const edge = await listening();
  const revision = await change();
  await edge.until({ organization: organizationId, revision });
  const next = await writeSetting(store, organizationId, { setting: { mist_nac: {} } });
  await edge.until({ organization: organizationId, revision: next });
  expect(edge.heard).toEqual([revision, next].map((told) => ({ organization: organizationId, revision: told })));
  await edge.close();
});

test("a connection that is cut comes back, says so, and hears again", async () => {
  const edge = await listening();
  await cutListeners();
  await edge.until("reconnected");
  const revision = await change();
  await edge.until({ organization: organizationId, revision });
  expect(edge.warnings).toEqual(["notifications are cut off; connecting again"]);
  await edge.close();
});

test("a notification that is not ours is counted as such and harms nothing", async () => {
  const edge = await listening();
  for (const payload of ["", "{}", '{"organization":"x","revision":1}', '{"organization":{}']) {
    await store.pool.query("select pg_notify('portcullis', $1)", [payload]);
  }
  const revision = await change();
  await edge.until({ organization: organizationId, revision });
  expect(edge.heard).toHaveLength(1);
  expect(edge.warnings).toEqual(Array.from({ length: 4 }, () => "a notification that is not ours"));
  await edge.close();
});

test("closing ends the attempts to reach a Postgres that is away", async () => {
  const edge = await listening("postgres://nobody@127.0.0.1:1/none");
  expect(edge.warnings).toEqual(["notifications are cut off; connecting again"]);
  await edge.close();
  expect(edge.heard).toEqual([]);
});

import type { EdgeId, OrganizationId } from "../../domain/identifiers.ts";
import { findEdge, heartbeatEdge, liveEdges, registerEdge, releaseEdge } from "../../store/edges.ts";
import { newId } from "../support/edge-records.ts";
import { openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

const process = (id: EdgeId, port: number) => ({
  id,
  internalAddress: `127.0.0.1:${port}`,
  nonce: newId<string>(),
  host: "a host",
});

/** As if the edge had been silent since then. */
async function silence(id: EdgeId, seconds: number): Promise<void> {
  await store.pool.query("update edges set seen_at = now() - $2 * interval '1 second' where id = $1", [id, seconds]);
}

test("a second process under a living edge's id is told who lives there", async () => {
  const id = newId<EdgeId>();
  const first = process(id, 8090);
  const second = process(id, 8091);
  expect(await registerEdge(store, first)).toEqual({ kind: "ok" });
  expect(await registerEdge(store, first)).toEqual({ kind: "ok" });
  expect(await registerEdge(store, second)).toEqual({
    kind: "taken",
    internalAddress: "127.0.0.1:8090",
    host: "a host",
  });
  await silence(id, 16);
  expect(await registerEdge(store, second)).toEqual({ kind: "ok" });
  expect(await heartbeatEdge(store, { ...first, revisions: {} })).toMatchObject({ isOurs: false });
  expect(await findEdge(store, id)).toMatchObject({ internalAddress: "127.0.0.1:8091", revisions: {} });
});

test("a process that holds the address itself need not wait for the one that was killed there", async () => {
  const id = newId<EdgeId>();
  const killed = process(id, 8090);
  await registerEdge(store, killed);
  const elsewhere = { ...process(id, 8091), succeeds: true };
  const taken = { kind: "taken", internalAddress: "127.0.0.1:8090", host: "a host" };
  expect(await registerEdge(store, elsewhere)).toEqual(taken);
  expect(await registerEdge(store, { ...process(id, 8090), succeeds: true })).toEqual({ kind: "ok" });
  expect(await heartbeatEdge(store, { ...killed, revisions: {} })).toMatchObject({ isOurs: false });
});

test("a copy on another host is refused although it has the same address, and the edge that lives is told of it once", async () => {
  const id = newId<EdgeId>();
  const first = process(id, 8090);
  await registerEdge(store, first);
  const copy = { ...process(id, 8090), host: "another host", succeeds: true };
  for (let starts = 0; starts < 2; starts++) {
    expect(await registerEdge(store, copy)).toMatchObject({ kind: "taken", host: "a host" });
  }
  const beat = () => heartbeatEdge(store, { ...first, revisions: {} });
  expect(await beat()).toEqual({ isOurs: true, contender: "127.0.0.1:8090 on another host" });
  expect(await beat()).toEqual({ isOurs: true, contender: undefined });
});

test("an edge that leaves in order makes room at once, and not for one that took its place", async () => {
  const id = newId<EdgeId>();
  const first = process(id, 1);
  const second = process(id, 2);
  await registerEdge(store, first);
  await releaseEdge(store, first);
  expect(await registerEdge(store, second)).toEqual({ kind: "ok" });
  await releaseEdge(store, first);
  expect(await findEdge(store, id)).toBeDefined();
});

test("a heartbeat tells the revisions held; an edge that falls silent is no longer among the living", async () => {
  const organization = newId<OrganizationId>();
  const edge = process(newId<EdgeId>(), 3);
  await registerEdge(store, edge);
  expect(await heartbeatEdge(store, { ...edge, revisions: { [organization]: 12 } })).toEqual({
    isOurs: true,
    contender: undefined,
  });
  const living = async () => (await liveEdges(store)).find(({ id }) => id === edge.id);
  expect(await living()).toMatchObject({ internalAddress: "127.0.0.1:3", revisions: { [organization]: 12 } });
  await silence(edge.id, 16);
  expect(await living()).toBeUndefined();
  expect(await findEdge(store, edge.id)).toBeDefined();
});

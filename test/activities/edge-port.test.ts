import { enforce } from "../../activities/enforce.ts";
import type { CoaOutcome } from "../../domain/coa.ts";
import type { OrganizationId } from "../../domain/identifiers.ts";
import type { IdentityKey } from "../../domain/identity.ts";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import { registerEdge, releaseEdge } from "../../store/edges.ts";
import { openEnforcements } from "../../store/enforcements.ts";
import { edgeId, newId } from "../support/edge-records.ts";
import { authenticate, clientInQuarantine, EDGE_TOKEN, hold, newTenant, openBench } from "./bench.ts";
import type { ActivityBench } from "./bench.ts";
import { startEdge } from "./edge-stand-in.ts";
import type { EdgeStandIn } from "./edge-stand-in.ts";

let bench: ActivityBench;
let edge: EdgeStandIn;
let organizationId: OrganizationId;
let identity: IdentityKey;
let revision: number;

beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

/** A client in quarantine that the MDM has just called compliant; its session is `edge`'s. */
beforeEach(async () => {
  ({ edge, organizationId, identity } = await clientInQuarantine(bench));
  revision = await hold(bench, organizationId, identity, { status: "compliant" });
});
afterEach(() => edge.stop());

const act = () => enforce(bench.deps, { organizationId, identity, revision });
const open = () => openEnforcements(bench.store, organizationId, identity);

test("an edge that dies with an order in its hands may have sent it: no other is asked before the client had its time", async () => {
  const other = await startEdge(bench.store, newId(), EDGE_TOKEN);
  try {
    edge.dies = true;
    const standing = await act();
    expect(standing).toMatchObject({ kind: "awaitingReturn", waitMs: expect.any(Number) as number });
    await expect(act()).resolves.toMatchObject({ kind: "awaitingReturn" });
    expect([edge.asked.length, other.asked.length]).toEqual([1, 0]);
    await edge.stop();
    bench.clock.aheadMs += 31 * SECOND_MS;
    await act();
    expect(other.asked.map(({ step }) => step)).toEqual(["reauthenticate"]);
  } finally {
    await other.stop();
  }
});

test("an edge that takes no connection has sent nothing: the next is asked at once", async () => {
  const other = await startEdge(bench.store, newId(), EDGE_TOKEN);
  const nonce = newId();
  try {
    await edge.stop();
    await registerEdge(bench.store, { id: edgeId, internalAddress: "http://127.0.0.1:1", nonce });
    await act();
    expect(other.asked.map(({ step }) => step)).toEqual(["reauthenticate"]);
  } finally {
    await releaseEdge(bench.store, { id: edgeId, nonce });
    await other.stop();
  }
});

test("a NAS that has gone over to another edge is reached by that one, whichever is asked first", async () => {
  const noPath: CoaOutcome = { kind: "noPath", text: "the NAS has no connection to an edge now" };
  edge.nas = () => noPath;
  const others = [
    await startEdge(bench.store, newId(), EDGE_TOKEN),
    await startEdge(bench.store, newId(), EDGE_TOKEN),
  ] as const;
  try {
    for (const other of others) {
      for (const each of others) each.nas = () => (each === other ? { kind: "acknowledged" } : noPath);
      const tenant = await newTenant(bench.store);
      const client = await authenticate(bench, tenant, { at: Date.now() - MINUTE_MS });
      const cause = await hold(bench, tenant, client.identity, { status: "compliant" });
      await enforce(bench.deps, { organizationId: tenant, identity: client.identity, revision: cause });
      const [taken] = await openEnforcements(bench.store, tenant, client.identity);
      expect(taken!.outcome).toEqual({ kind: "acknowledged" });
    }
  } finally {
    for (const other of others) await other.stop();
  }
});

test("a NAS that takes UDP too is sent it once no edge holds a connection of it, and then by the session's own", async () => {
  const noPath: CoaOutcome = { kind: "noPath", text: "the NAS has no RadSec connection to this edge now" };
  const overUdp = ({ mayUseUdp }: { readonly mayUseUdp?: true }): CoaOutcome =>
    mayUseUdp === true ? { kind: "acknowledged" } : noPath;
  const others = [
    await startEdge(bench.store, newId(), EDGE_TOKEN),
    await startEdge(bench.store, newId(), EDGE_TOKEN),
  ] as const;
  const asked = () => [edge, ...others].map((each) => each.asked.splice(0).map(({ mayUseUdp }) => mayUseUdp ?? false));
  try {
    for (const each of [edge, ...others]) each.nas = overUdp;
    await act();
    expect((await open())[0]!.outcome).toEqual({ kind: "acknowledged" });
    expect(asked()).toEqual([[false, true], [false], [false]]);

    // Whoever is behind may hold the connection: what goes by UDP then is not answered, and harder steps follow.
    const tenant = await newTenant(bench.store);
    const client = await authenticate(bench, tenant, { at: Date.now() - MINUTE_MS });
    const cause = await hold(bench, tenant, client.identity, { status: "compliant" });
    others[1].isBehind = true;
    const standing = await enforce(bench.deps, { organizationId: tenant, identity: client.identity, revision: cause });
    expect(standing).toMatchObject({ kind: "awaitingReturn" });
    expect(asked()).toEqual([[false], [false], []]);
  } finally {
    for (const other of others) await other.stop();
  }
});

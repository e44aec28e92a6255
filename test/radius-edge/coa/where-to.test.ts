import { MINUTE_MS } from "../../../domain/time.ts";
import type { NasEvidence } from "../../../domain/evidence.ts";
import type { NasId, OrganizationId } from "../../../domain/identifiers.ts";
import { secret } from "../../../domain/secret.ts";
import type { Secret } from "../../../domain/secret.ts";
import { readOperatorNasIdentifier } from "../../../radius-edge/wire/attribute-readers.ts";
import {
  writeCallingStationId,
  writeNasIdentifier,
  writeUserName,
} from "../../../radius-edge/wire/attribute-writers.ts";
import { verifyRequest } from "../../../radius-edge/wire/exchange.ts";
import { openRadiusClient } from "../../../simulators/fleet/radius-client.ts";
import type { NasDraft } from "../../../store/nas-columns.ts";
import { createNas, updateNas } from "../../../store/nases.ts";
import type { Store } from "../../../store/pool.ts";
import { evidence } from "../../support/domain-values.ts";
import { startTestEdge } from "../../support/edge.ts";
import type { TestEdge } from "../../support/edge.ts";
import { orderCoa } from "../../support/order-coa.ts";
import { newOrganization } from "../../support/store.ts";
import { packetOf } from "../wire/make.ts";
import { ack, openCoaNas } from "./nas.ts";
import type { CoaNas } from "./nas.ts";

const PROXY = "127.0.0.83";
const BEHIND = { north: "127.0.0.84", south: "127.0.0.85" };
const ROTATING = { slow: "127.0.0.86", quick: "127.0.0.87" };
type Name = keyof typeof BEHIND | keyof typeof ROTATING;

/** What requests through the proxy are signed with: the proxy's, whose NASes have others. */
const SHARED = secret("between-proxy-and-edge");
const COA = { north: secret("of-the-northern-switch"), south: secret("of-the-southern-switch") };
const [BEFORE, AFTER] = [secret("before-the-rotation"), secret("after-the-rotation")];

let running: TestEdge;
let organizationId: OrganizationId;
const nases = {} as Record<Name, { readonly id: NasId; readonly coa: CoaNas }>;

beforeAll(async () => {
  running = await startTestEdge(async (store) => {
    organizationId = await newOrganization(store, "Acme");
    for (const name of ["north", "south"] as const) {
      const [coaAddress, coaSecret] = [BEHIND[name], COA[name]];
      const of = { address: PROXY, nasIdentifier: name, secret: SHARED, coaAddress, coaSecret };
      await register(store, name, of, { host: coaAddress, has: coaSecret });
    }
    for (const [name, has] of [
      ["slow", BEFORE],
      ["quick", AFTER],
    ] as const) {
      const draft = await register(
        store,
        name,
        { address: ROTATING[name], secret: BEFORE },
        { host: ROTATING[name], has },
      );
      const previousSecretExpiresAt = Date.now() + 30 * MINUTE_MS;
      await updateNas(store, organizationId, nases[name].id, () => ({
        ...draft,
        secret: AFTER,
        previousSecretExpiresAt,
      }));
    }
  });
});
afterAll(async () => {
  for (const { coa } of Object.values(nases)) coa.close();
  await running.close();
});

/** `has` is the secret that the NAS itself knows, and takes CoA with. */
async function register(
  store: Store,
  name: Name,
  given: Omit<NasDraft, "name" | "profile">,
  { host, has }: { readonly host: string; readonly has: Secret },
): Promise<NasDraft> {
  const coa = await openCoaNas(() => ack("Disconnect-ACK"), { secret: has, host });
  const draft = { name, profile: "standard", coaPort: coa.port, ...given };
  const saved = await createNas(store, organizationId, draft);
  if (saved.kind !== "ok") throw new Error(saved.kind);
  nases[name] = { id: saved.nas.id, coa };
  return draft;
}

async function disconnect(name: Name, seen: Partial<NasEvidence>): Promise<unknown> {
  const nasId = nases[name].id;
  const session = { nas: { ...evidence().nas, nasId, ...seen }, userName: "ada", acctSessionId: "4FECC41E" };
  const order = { organizationId, nasId, minimumRevision: 0, step: "disconnect", session } as const;
  return (await orderCoa(running, order)).json();
}

test("behaviour 8.2: NASes behind one proxy are sent CoA at their own coa_address, signed with their own coa_secret", async () => {
  const seen = { sourceAddress: PROXY, throughProxy: true } as const;
  for (const name of ["north", "south"] as const) {
    expect(await disconnect(name, { ...seen, nasIdentifier: name })).toEqual({ kind: "acknowledged" });
    const { received } = nases[name].coa;
    expect(received).toHaveLength(1);
    const packet = packetOf(received[0]!);
    expect(verifyRequest(packet, COA[name]).kind).toBe("authentic");
    expect(verifyRequest(packet, SHARED).kind).toBe("drop");
    expect(readOperatorNasIdentifier(packet)).toBeUndefined();
  }
});

/** The NAS asks for a client; what becomes of that is no matter here. */
async function ask(name: keyof typeof ROTATING, has: Secret): Promise<void> {
  const radius = await openRadiusClient({ address: ROTATING[name], secret: has });
  const mac = "A4-83-E7-00-82-01";
  const request = [writeUserName(mac), writeCallingStationId(mac), writeNasIdentifier(name)];
  expect(await radius.ask(running.edge.authentication, "Access-Request", request)).toBeDefined();
  radius.close();
}

test("behaviour 8.2: while a secret is changed, CoA is signed with the one that the NAS's last request had", async () => {
  for (const [name, has, not] of [
    ["slow", BEFORE, AFTER],
    ["quick", AFTER, BEFORE],
  ] as const) {
    await ask(name, has);
    expect(await disconnect(name, { sourceAddress: ROTATING[name] })).toEqual({ kind: "acknowledged" });
    const { received } = nases[name].coa;
    expect(received).toHaveLength(1);
    expect(verifyRequest(packetOf(received[0]!), not).kind).toBe("drop");
  }
});

import { randomBytes } from "node:crypto";
import type { NasId, OrganizationId } from "../../domain/identifiers.ts";
import { secret } from "../../domain/secret.ts";
import { writeCallingStationId, writeServiceType, writeUserName } from "../../radius-edge/wire/attribute-writers.ts";
import { parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals } from "../../runtime/secrets.ts";
import { openRadiusClient } from "../../simulators/fleet/radius-client.ts";
import { createNas, findUnopened, updateNas } from "../../store/nases.ts";
import { eventually, metricOf } from "../fuzz/edge-under-fire.ts";
import { createTenant, NAS_SECRET, startTestEdge } from "../support/edge.ts";
import type { TestEdge } from "../support/edge.ts";

const MAC = "A4-83-E7-00-90-01";
const LOST = { name: "lost", profile: "cisco", address: "127.0.0.95", secret: secret("sealed under a lost key") };
let running: TestEdge;
let organizationId: OrganizationId;
let lost: NasId;

beforeAll(async () => {
  running = await startTestEdge(async (store) => {
    organizationId = await createTenant(store, { name: "Acme", nasAddress: "127.0.0.94", rules: [{ gives: [] }] });
    const seals = createSeals(parseMasterKeys(`gone:${randomBytes(32).toString("base64")}`, "test"));
    const saved = await createNas({ ...store, seals }, organizationId, LOST);
    if (saved.kind !== "ok") throw new Error(saved.kind);
    lost = saved.nas.id;
  });
});
afterAll(() => running.close());

async function codeFrom(address: string, shared = NAS_SECRET): Promise<string | undefined> {
  const client = await openRadiusClient({ address, secret: shared });
  try {
    const attributes = [writeUserName(MAC), writeCallingStationId(MAC), writeServiceType(10)];
    return (await client.ask(running.edge.authentication, "Access-Request", attributes))?.packet.code;
  } finally {
    client.close();
  }
}

test("a NAS whose secret no key opens is left out and told, the others are answered, and a new secret is the way out", async () => {
  expect(await codeFrom("127.0.0.94")).toBe("Access-Accept");
  expect(await metricOf(running, "portcullis_nases_unopened")).toBe(1);
  expect(await findUnopened(running.store, [lost])).toEqual([
    {
      id: lost,
      name: "lost",
      sentence: expect.stringMatching(/^the secret of nas:.*set the secrets of the NAS/) as string,
    },
  ]);
  const renewed = { ...LOST, secret: secret("a new shared secret"), previousSecretExpiresAt: Date.now() + 3_600_000 };
  expect(await updateNas(running.store, organizationId, lost, () => renewed)).toMatchObject({
    kind: "ok",
    nas: { previousSecretExpiresAt: undefined },
  });
  await eventually(async () => (await metricOf(running, "portcullis_nases_unopened")) === 0);
  expect(await codeFrom("127.0.0.95", renewed.secret)).toBe("Access-Accept");
});

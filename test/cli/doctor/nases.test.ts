import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { edgesInReach } from "../../../cli/doctor/edges.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { examineNases } from "../../../cli/doctor/nases.ts";
import type { EdgeId, NasId, OrganizationId } from "../../../domain/identifiers.ts";
import { reveal, secret } from "../../../domain/secret.ts";
import { createHttp } from "../../../outbound/http.ts";
import { buildResponse } from "../../../radius-edge/wire/exchange.ts";
import { makeInternalToken } from "../../../runtime/edge-access.ts";
import { parseMasterKeys } from "../../../runtime/master-keys.ts";
import { createSeals } from "../../../runtime/secrets.ts";
import { recordBatch } from "../../../store/edge-records.ts";
import type { NasDraft } from "../../../store/nas-columns.ts";
import { registerEdge, releaseEdge } from "../../../store/edges.ts";
import { createNas } from "../../../store/nases.ts";
import { findOrganization } from "../../../store/organizations.ts";
import type { Store } from "../../../store/pool.ts";
import { startEdge as startStandIn } from "../../activities/edge-stand-in.ts";
import { nak, openCoaNas } from "../../radius-edge/coa/nas.ts";
import type { CoaNas } from "../../radius-edge/coa/nas.ts";
import { registerRadsecNas, startRadsecEdge } from "../../radius-edge/radsec/edge.ts";
import type { RadsecEdge } from "../../radius-edge/radsec/edge.ts";
import { openRadsecNas, RADSEC } from "../../radius-edge/radsec/nas.ts";
import type { RadsecNas } from "../../radius-edge/radsec/nas.ts";
import { bytesOf, packetOf } from "../../radius-edge/wire/make.ts";
import { evidence } from "../../support/domain-values.ts";
import { authentication, newId } from "../../support/edge-records.ts";
import { newOrganization } from "../../support/store.ts";

let running: RadsecEdge;
let store: Store;
beforeAll(async () => {
  running = await startRadsecEdge(async () => undefined);
  ({ store } = running);
});
afterAll(() => running.close());

async function examine(id: OrganizationId): Promise<readonly Finding[]> {
  const http = createHttp({ allowedNetworks: [], guard: false });
  try {
    const way = { http, token: makeInternalToken(running.keys), edges: await edgesInReach(store, http) };
    return await examineNases(store, way, (await findOrganization(store, id))!);
  } finally {
    await http.close();
  }
}

const SECRET = secret("a secret of some length");
const matching = (pattern: RegExp | string): string => expect.stringMatching(pattern) as string;

test("the doctor names a NAS whose secret no key opens, and looks at the others", async () => {
  const id = await newOrganization(store);
  const seals = createSeals(parseMasterKeys(`gone:${randomBytes(32).toString("base64")}`, "test"));
  const nas = (name: string, address: string) => ({ name, address, profile: "no-coa", secret: secret("short") });
  await createNas({ ...store, seals }, id, nas("lost", "192.0.2.1"));
  await createNas(store, id, nas("weak", "192.0.2.2"));
  expect(await examine(id)).toEqual([
    expect.objectContaining({ level: "fault", text: matching(/^lost is not answered: the secret of nas:/) }),
    expect.objectContaining({ level: "warning", text: matching(/^weak: its secret is shorter/) }),
    expect.objectContaining({
      level: "good",
      text: matching(/^weak \(192\.0\.2\.2\): .+ takes no CoA; changed verdicts/),
    }),
  ]);
});

test("a NAS that speaks RadSec only is asked along its connection, and the edge that has it is named", async () => {
  const id = await newOrganization(store);
  const san = "ap-1.acme.example";
  await registerRadsecNas(store, id, san);
  const certified = await running.nasCa.issue({ commonName: "a NAS", sanDns: [san] });
  const elsewhere = await startStandIn(store, newId(), reveal(makeInternalToken(running.keys)));
  elsewhere.nas = () => ({ kind: "noPath", text: "no connection here" });
  // The edge hears of a NAS by notification: until then it refuses the certificate.
  let nas: RadsecNas | undefined;
  while (nas === undefined) {
    const tried = await openRadsecNas(running.edge.radsec!, certified, running.nasCa.certificatePem);
    nas = await tried.ask("Status-Server").then(
      () => tried,
      () => undefined,
    );
  }
  nas.onAsked((bytes) => bytesOf(buildResponse(nak(503, "Disconnect-NAK"), packetOf(bytes), RADSEC)));
  try {
    expect(await examine(id)).toEqual([
      { level: "good", text: `${san} (RadSec) takes CoA (through edge ${running.edge.edgeId})` },
    ]);
    expect(elsewhere.asked).toHaveLength(1);
  } finally {
    nas.close();
    await elsewhere.stop();
  }
});

test("a NAS that speaks RadSec only and is not connected is told of, with what it needs and where it was last", async () => {
  const id = await newOrganization(store);
  const nasId = await registerRadsecNas(store, id, "ap-2.acme.example");
  const warned = {
    level: "warning",
    text: matching(
      /^ap-2\.acme\.example has no RadSec connection to any edge that is reached from here; no session is known to have come from it lately$/,
    ),
    mend: matching(
      /PORTCULLIS_RADSEC_PORT .* a certificate of CN=NAS CA for ap-2\.acme\.example .*PORTCULLIS_RADSEC_CA_FILE/,
    ),
  };
  expect(await examine(id)).toEqual([warned]);
  await see(id, nasId, "198.51.100.7");
  expect(await examine(id)).toEqual([
    { ...warned, text: matching(/its last session was at 198\.51\.100\.7, 2\d{3}-/) },
  ]);
});

/** An Accept at a NAS that sends from there. */
async function see(id: OrganizationId, nasId: NasId, sourceAddress: string): Promise<void> {
  const nas = { ...evidence().nas, nasId, sourceAddress };
  await recordBatch(store, [authentication(id, { at: Date.now(), evidence: { nas } })]);
}

describe("beside a NAS that takes CoA over UDP", () => {
  let obedient: CoaNas;
  beforeAll(async () => {
    obedient = await openCoaNas(() => nak(503, "Disconnect-NAK"), { secret: SECRET });
  });
  afterAll(() => obedient.close());

  async function register(name: string, address: string, more: Partial<NasDraft> = {}) {
    const id = await newOrganization(store);
    const draft = { name, address, secret: SECRET, profile: "hostapd", coaPort: obedient.port, ...more };
    const saved = await createNas(store, id, draft);
    if (saved.kind !== "ok") throw new Error(saved.kind);
    return { id, nasId: saved.nas.id };
  }

  test("NASes of a prefix are asked where they were heard of last, and nowhere else", async () => {
    const { id, nasId } = await register("branch", "127.0.0.0/29");
    expect(await examine(id)).toEqual([
      {
        level: "warning",
        text: matching(/^branch \(127\.0\.0\.0\/29\): no session is known to have come from there lately/),
        mend: matching(/let a client authenticate there .*radclient/),
      },
    ]);
    await see(id, nasId, "198.51.100.7");
    await see(id, nasId, "127.0.0.1");
    const before = obedient.received.length;
    expect(await examine(id)).toEqual([
      {
        level: "good",
        text: matching(
          /^branch \(127\.0\.0\.0\/29, last heard of at 127\.0\.0\.1, 2\S+Z\) takes CoA, and has the same secret$/,
        ),
      },
    ]);
    expect(obedient.received).toHaveLength(before + 1);
  });

  test("a NAS that may come by RadSec too, and is not connected, is asked over UDP", async () => {
    const { id } = await register("both", "192.0.2.9", {
      coaAddress: "127.0.0.1",
      radsec: { issuer: "CN=NAS CA", san: "both.acme.example" },
    });
    expect(await examine(id)).toEqual([
      expect.objectContaining({ level: "warning", text: matching(/^both has no RadSec connection/) }),
      { level: "good", text: "both (127.0.0.1) takes CoA, and has the same secret" },
    ]);
  });

  test("of an edge that is not reached no NAS is asked, which would have doctor wait for it at each", async () => {
    const { id } = await register("far", "192.0.2.11", { coaAddress: "127.0.0.1" });
    const heard: (string | undefined)[] = [];
    const server = createServer(({ url, socket }) => {
      heard.push(url);
      socket.destroy();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const edge = { id: newId<EdgeId>(), nonce: newId<string>() };
    const { port } = server.address() as AddressInfo;
    await registerEdge(store, { ...edge, internalAddress: `http://127.0.0.1:${port}` });
    try {
      expect(await examine(id)).toEqual([
        { level: "good", text: "far (127.0.0.1) takes CoA, and has the same secret" },
      ]);
      expect(heard).toEqual(["/healthz"]);
    } finally {
      await releaseEdge(store, edge);
      server.close();
    }
  });

  test("each living edge is asked, and named where they fare differently", async () => {
    const { id } = await register("core", "192.0.2.10", { coaAddress: "127.0.0.1" });
    const [walled, behind] = [newId<EdgeId>(), newId<EdgeId>()];
    const token = reveal(makeInternalToken(running.keys));
    const [one, other] = [await startStandIn(store, walled, token), await startStandIn(store, behind, token)];
    one.nas = () => ({ kind: "noAnswer", attempts: 3 });
    other.isBehind = true;
    try {
      const findings = await examine(id);
      expect(findings).toHaveLength(3);
      expect(findings).toContainEqual({
        level: "good",
        text: `core (127.0.0.1) takes CoA, and has the same secret (through edge ${running.edge.edgeId})`,
      });
      expect(findings).toContainEqual({
        level: "fault",
        text: matching(`^core \\(127.0.0.1\\) does not answer CoA: .+ \\(through edge ${walled}\\)$`),
        mend: matching("with each edge as client"),
      });
      expect(findings).toContainEqual({
        level: "warning",
        text: matching(`the edge has not heard of the last changes yet \\(through edge ${behind}\\)$`),
        mend: expect.any(String) as string,
      });
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });
});

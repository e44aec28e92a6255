import { connectApi } from "../../../cli/sandbox/api.ts";
import type { Api } from "../../../cli/sandbox/api.ts";
import { configureEdges, configurePolicy, registerNas } from "../../../cli/sandbox/configure.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import { openTestApi } from "../../support/api.ts";
import type { TestApi } from "../../support/api.ts";

interface Thing {
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

let served: TestApi;
let api: Api;
beforeAll(async () => {
  served = await openTestApi();
  const apiUrl = await served.app.listen({ host: "127.0.0.1", port: 0 });
  const { organizationId, token } = await served.tenant();
  api = connectApi({ apiUrl, token, organizationId });
});
afterAll(() => served.close());

test("labels and rules are as a person has left them after another start, and what was deleted is made again", async () => {
  const all = async (path: string) => {
    const found = await api.get<readonly Thing[]>(`${path}?limit=1000`);
    return found.toSorted((a, b) => a.name.localeCompare(b.name));
  };
  await configurePolicy(api);
  const label = (await all("/nactags")).find(({ name }) => name === "VLAN corporate")!;
  await api.put(`/nactags/${label.id}`, { ...label, vlan: "21" });
  const [rule, other] = await all("/nacrules");
  await api.put(`/nacrules/${rule!.id}`, { ...rule, enabled: false, order: 9 });
  const edited = { labels: await all("/nactags"), rules: await all("/nacrules") };
  await api.delete(`/nacrules/${other!.id}`);
  await configurePolicy(api);
  const rules = await all("/nacrules");
  expect(await all("/nactags")).toEqual(edited.labels);
  expect(rules.filter(({ name }) => name !== other!.name)).toEqual(edited.rules.filter(({ id }) => id !== other!.id));
  expect(rules.map(({ name }) => name)).toEqual(edited.rules.map(({ name }) => name));
});

test("a CA that a person trusts stays trusted, and a server certificate of theirs stays in force", async () => {
  const [sandbox, theirs] = await Promise.all([createAuthority("Sandbox"), createAuthority("Theirs")]);
  const server = await sandbox.issue({ commonName: "radius.sandbox.example", eku: "server" });
  const own = await theirs.issue({ commonName: "radius.example", eku: "server" });
  const setting = () => api.get<{ readonly mist_nac: object }>("/setting");
  await api.put("/setting", { mist_nac: { cacerts: [theirs.certificatePem] } });
  await configureEdges(api, { caPem: sandbox.certificatePem, server });
  const cacerts = [theirs.certificatePem, sandbox.certificatePem];
  expect((await setting()).mist_nac).toMatchObject({ cacerts, server_cert: { cert: server.certificatePem } });
  await api.put("/setting", { mist_nac: { server_cert: { cert: own.certificatePem, key: own.keyPem } } });
  await configureEdges(api, { caPem: sandbox.certificatePem, server });
  expect((await setting()).mist_nac).toMatchObject({ cacerts, server_cert: { cert: own.certificatePem } });
});

test("the simulated NAS is found at the CoA port of its last start", async () => {
  const nas = { name: "Sandbox switch", address: "127.0.0.11", secret: "s".repeat(32), profile: "cisco" };
  await registerNas(api, { ...nas, coa_port: 4001 });
  await registerNas(api, { ...nas, coa_port: 4002 });
  expect(await api.get("/nases")).toEqual([expect.objectContaining({ name: nas.name, coa_port: 4002 })]);
});

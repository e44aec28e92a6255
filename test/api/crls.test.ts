import type { OrganizationId } from "../../domain/identifiers.ts";
import { DAY_MS } from "../../domain/time.ts";
import { createAuthority } from "../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../simulators/certificates.ts";
import { noteShown } from "../../store/intermediates.ts";
import { readRevocation } from "../../store/revocation.ts";
import { openTestApi } from "../support/api.ts";
import type { Answer, Tenant, TestApi } from "../support/api.ts";
import { crlForm } from "../support/crls.ts";

let api: TestApi;
let acme: Tenant;
let authority: Authority;
let laptop: CertifiedKey;
beforeAll(async () => {
  api = await openTestApi();
  authority = await createAuthority("Acme Devices");
  laptop = await authority.issue({ commonName: "laptop" });
});
beforeEach(async () => {
  acme = await api.tenant();
  await acme.ask("PUT", "setting", { mist_nac: { cacerts: [authority.certificatePem] } });
});
afterAll(() => api.close());

const PATH = "setting/mist_nac_crls";
const pemOf = (der: Buffer): string => `-----BEGIN X509 CRL-----\n${der.toString("base64")}\n-----END X509 CRL-----\n`;

async function upload(file: Buffer | string, json?: string): Promise<Answer> {
  const { payload, contentType } = await crlForm(file, json);
  return post(acme, payload, contentType);
}

async function post(tenant: Tenant, payload: Buffer, contentType: string): Promise<Answer> {
  const response = await api.app.inject({
    method: "POST",
    url: `/api/v1/orgs/${tenant.organizationId}/${PATH}`,
    headers: { authorization: `Token ${tenant.token}`, "content-type": contentType },
    payload,
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: JSON.parse(response.body),
  };
}

const held = async (organizationId: OrganizationId) =>
  (await readRevocation(api.store.db, organizationId)).crls.map((der) => Buffer.from(der));

test("a list is taken in DER and in PEM, kept as it is, and listed with what is known of it", async () => {
  const first = await authority.crl({ number: 1, revoked: [laptop] });
  const uploaded = await upload(first);
  expect(uploaded).toMatchObject({
    status: 200,
    json: { name: "CN=Acme Devices", source: "uploaded", crl_number: "01", revoked: 1 },
  });
  expect(await held(acme.organizationId)).toEqual([first]);

  const next = await authority.crl({ number: 2 });
  const renewed = await upload(pemOf(next), '{"name": "Devices"}');
  expect(renewed).toMatchObject({ status: 200, json: { id: uploaded.json.id, name: "Devices", crl_number: "02" } });
  expect(await held(acme.organizationId)).toEqual([next]);
  expect((await upload(next)).json).toEqual(renewed.json);
  expect((await acme.ask("GET", PATH)).json).toEqual({ results: [renewed.json], sources: [] });
});

test("a list that is none, not current, older or signed by nobody known is refused, and the one held stays", async () => {
  const current = await authority.crl({ number: 7 });
  await upload(current);
  const stranger = await createAuthority("Acme Devices");
  const refusals: [Buffer | string, string][] = [
    ["no list", "This is no CRL"],
    [await authority.crl({ number: 6 }), "older than the one held"],
    [await authority.crl({ number: 8, nextUpdate: Date.now() - 1_000 }), "should have been replaced"],
    [await authority.crl({ number: 8, thisUpdate: Date.now() + DAY_MS / 2 }), "of the future"],
    [await stranger.crl({ number: 8 }), "signed by none of the CAs"],
  ];
  for (const [file, sentence] of refusals) {
    const refused = await upload(file);
    expect([refused.status, refused.json.detail]).toEqual([400, expect.stringContaining(sentence)]);
  }
  expect(await held(acme.organizationId)).toEqual([current]);
});

test("an authority below a trusted one signs lists too, once clients have shown it", async () => {
  const issuing = await authority.issueAuthority("Issuing");
  const list = await issuing.crl();
  expect(await upload(list)).toMatchObject({ status: 400 });
  const der = Buffer.from(issuing.certificatePem.replaceAll(/-----[^-]+-----/g, ""), "base64");
  await noteShown(api.store, acme.organizationId, { crlUrls: [], intermediates: new Map([["ab", der]]) });
  expect(await upload(list)).toMatchObject({ status: 200, json: { name: "CN=Issuing" } });
});

test("deleting forgets a list, and of another organization's there is none", async () => {
  const { json } = await upload(await authority.crl({ number: 9 }));
  const other = await api.tenant("Other");
  expect((await other.ask("DELETE", `${PATH}/${json.id}`)).status).toBe(404);
  expect(await acme.ask("DELETE", `${PATH}/${json.id}`)).toMatchObject({ status: 200, text: "" });
  expect((await acme.ask("DELETE", `${PATH}/${json.id}`)).status).toBe(404);
  expect((await acme.ask("GET", PATH)).json).toEqual({ results: [], sources: [] });
  // Without the newer one an older one may be given again.
  expect(await upload(await authority.crl({ number: 8 }))).toMatchObject({ status: 200 });
});

test("what is no form, or holds no file, is refused in words", async () => {
  const boundary = "multipart/form-data; boundary=x";
  for (const [body, type] of [
    ["{}", "application/json"],
    ["nothing", boundary],
    ["--x\r\nContent-Disposition: form-data; name=json\r\n\r\n{}\r\n--x--\r\n", boundary],
  ] as const)
    expect(await post(acme, Buffer.from(body), type)).toMatchObject({
      status: 400,
      json: { detail: expect.stringContaining('"file" of multipart/form-data') },
    });
});

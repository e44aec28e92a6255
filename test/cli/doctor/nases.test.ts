import { randomBytes } from "node:crypto";
import { examineNases } from "../../../cli/doctor/nases.ts";
import { secret } from "../../../domain/secret.ts";
import { createHttp } from "../../../outbound/http.ts";
import { parseMasterKeys } from "../../../runtime/master-keys.ts";
import { createSeals } from "../../../runtime/secrets.ts";
import { createNas } from "../../../store/nases.ts";
import { findOrganization } from "../../../store/organizations.ts";
import { newOrganization, openTestStore } from "../../support/store.ts";
import type { TestStore } from "../../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

test("the doctor names a NAS whose secret no key opens, and looks at the others", async () => {
  const id = await newOrganization(store);
  const seals = createSeals(parseMasterKeys(`gone:${randomBytes(32).toString("base64")}`, "test"));
  const nas = (name: string, address: string) => ({ name, address, profile: "cisco", secret: secret("short") });
  await createNas({ ...store, seals }, id, nas("lost", "192.0.2.1"));
  await createNas(store, id, nas("weak", "192.0.2.2"));
  const http = createHttp({ allowedNetworks: [], guard: true });
  const organization = await findOrganization(store, id);
  const findings = await examineNases(store, { http, token: secret("token") }, organization!);
  await http.close();
  expect(findings).toEqual([
    expect.objectContaining({
      level: "fault",
      text: expect.stringMatching(/^lost is not answered: the secret of nas:/) as string,
    }),
    expect.objectContaining({
      level: "warning",
      text: expect.stringMatching(/^weak: its secret is shorter/) as string,
    }),
  ]);
});

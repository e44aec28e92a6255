import type { OrganizationId } from "../../domain/identifiers.ts";
import { reveal, secret } from "../../domain/secret.ts";
import { requireRightKey, parseMasterKeys } from "../../runtime/master-keys.ts";
import { createSeals, kidOf } from "../../runtime/secrets.ts";
import { checkCanary } from "../../store/canary.ts";
import { linkAccount, loadAccounts } from "../../store/linked-accounts.ts";
import { createNas, loadNases } from "../../store/nases.ts";
import type { Store } from "../../store/pool.ts";
import { rekey } from "../../store/rekey.ts";
import { SEALED_COLUMNS } from "../../store/sealed-columns.ts";
import { loadEdgeSettings, writeSetting } from "../../store/settings.ts";
import { openedText } from "../support/lost-key.ts";
import { newOrganization, openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

const keyOf = (kid: string, octet: number): string => `${kid}:${Buffer.alloc(32, octet).toString("base64")}`;
const [OLD, NEW] = [keyOf("old", 1), keyOf("new", 2)];

let base: TestStore;
beforeEach(async () => void (base = await openTestStore()));
afterEach(() => base.close());

function withKeys(...keys: readonly string[]): Store {
  return { ...base, seals: createSeals(parseMasterKeys(keys.join(","), "test")) };
}

test("no sealed column is forgotten", async () => {
  const { rows } = await base.pool.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = current_schema() and column_name like '%sealed' and table_name <> 'key_canaries' order by 1`,
  );
  expect(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).toSorted()).toEqual(
    rows.map(({ name }) => name),
  );
});

/** More NASes than one transaction takes, an account with both its secrets, and a server key. */
const NASES = 103;
async function fill(store: Store): Promise<OrganizationId> {
  const organizationId = await newOrganization(base);
  await linkAccount(store, organizationId, {
    kind: "vmware",
    name: "UEM",
    instanceUrl: "https://as1.awmdm.example",
    clientId: "client",
    clientSecret: secret("client secret"),
    tenantCode: secret("tenant code"),
    linkedBy: "a test",
  });
  await writeSetting(store, organizationId, { setting: {}, serverKey: secret("server key") });
  for (let n = 0; n < NASES; n++) {
    const draft = { name: `NAS ${n}`, address: `10.0.0.${n + 1}`, secret: secret(`nas ${n}`), profile: "standard" };
    expect(await createNas(store, organizationId, draft)).toMatchObject({ kind: "ok" });
  }
  return organizationId;
}

test("every secret opens with the new key alone afterwards, and a second run finds nothing to do", async () => {
  const before = withKeys(OLD);
  await checkCanary(before, "old");
  const organizationId = await fill(before);
  const rotating = withKeys(NEW, OLD);
  expect(await checkCanary(rotating, "new")).toEqual({ kind: "ok" });
  expect(await rekey(rotating, "new", kidOf)).toEqual({ resealed: NASES + 3, kept: 0, unopened: [] });
  expect(await rekey(rotating, "new", kidOf)).toEqual({ resealed: 0, kept: NASES + 3, unopened: [] });

  const after = withKeys(NEW);
  expect(await checkCanary(after, "new")).toEqual({ kind: "ok" });
  const secrets = (await loadNases(after, [organizationId])).map((nas) => reveal(nas.secret!));
  expect(secrets.toSorted()).toEqual(Array.from({ length: NASES }, (_, n) => `nas ${n}`).toSorted());
  const [account] = await loadAccounts(after, organizationId);
  expect(openedText(account!.clientSecret)).toBe("client secret");
  expect(account?.kind === "vmware" && openedText(account.tenantCode)).toBe("tenant code");
  expect(openedText((await loadEdgeSettings(after, organizationId)).serverKey)).toBe("server key");
  expect(await checkCanary(withKeys(OLD), "old")).toEqual({ kind: "lostKey", kids: ["new"] });
});

test("what no key opens is named and stays; with its key the next run goes on where this one ended", async () => {
  const [first, second] = [withKeys(OLD), withKeys(keyOf("older", 3), OLD)];
  await checkCanary(first, "old");
  await checkCanary(second, "older");
  const organizationId = await newOrganization(base);
  const draft = { address: "10.0.0.1", secret: secret("nas secret"), profile: "standard" };
  await createNas(first, organizationId, { name: "one", ...draft });
  await createNas(second, organizationId, { name: "two", ...draft, address: "10.0.0.2" });
  const partial = await rekey(withKeys(NEW, OLD), "new", kidOf);
  expect(partial).toMatchObject({ resealed: 1, kept: 0 });
  expect(partial.unopened).toEqual([expect.stringMatching(/^the secret of nas:\S+ cannot be opened: .*master key/)]);
  expect(await checkCanary(withKeys(OLD), "old")).toEqual({ kind: "ok" });
  const whole = await rekey(withKeys(NEW, OLD, keyOf("older", 3)), "new", kidOf);
  expect(whole).toEqual({ resealed: 1, kept: 1, unopened: [] });
});

test("a lost key is told at start, before another one seals anything; its name says what to look for", async () => {
  const before = withKeys(OLD);
  await checkCanary(before, "old");
  expect(await checkCanary(withKeys(NEW), "new")).toEqual({ kind: "ok" }); // no secret yet: any key will do
  await base.db.deleteFrom("key_canaries").where("kid", "=", "new").execute();
  await writeSetting(before, await newOrganization(base), { setting: {}, serverKey: secret("server key") });
  const lost = await checkCanary(withKeys(NEW), "new");
  expect(lost).toEqual({ kind: "lostKey", kids: ["old"] });
  expect(() => requireRightKey(lost, "new", { warn: () => undefined })).toThrow(
    'master key "new" is new to this database, whose secrets were sealed with "old"',
  );
  expect(await base.db.selectFrom("key_canaries").select("kid").execute()).toEqual([{ kid: "old" }]);
});

import { sql } from "kysely";
import type { Authority } from "../../simulators/certificates.ts";
import { hold } from "../activities/bench.ts";
import { certifiedMember, plainMember } from "../outage/fleet.ts";
import type { Member } from "../outage/fleet.ts";
import type { Site } from "./site.ts";

/** Every tenth plain device is not compliant. */
const STRIDE = 10;
const COMPLIANT = 0;
const NONCOMPLIANT = STRIDE - 1;

/** Where device number `n` of the plain ones belongs. */
export const vlanOf = (n: number): "20" | "666" => (n % STRIDE === NONCOMPLIANT ? "666" : "20");

/** Verdicts for the plain devices 0 to `count` - 1, as so many look-ups of this hour would have left them. */
export async function learnPlain({ store, organizationId }: Site, count: number): Promise<readonly Member[]> {
  const place = { store, deps: { now: Date.now } };
  for (const [n, status] of [
    [COMPLIANT, "compliant"],
    [NONCOMPLIANT, "noncompliant"],
  ] as const) {
    const { client, identity } = plainMember(n);
    await hold(place, organizationId, identity, { status, matchedBy: "mac", matchedMac: client.mac });
  }
  const { revision } = await store.db
    .selectFrom("organizations")
    .select("revision")
    .where("id", "=", organizationId)
    .executeTakeFirstOrThrow();
  const [compliant, noncompliant] = [COMPLIANT, NONCOMPLIANT].map((n) => plainMember(n).identity);
  // The two that the product has stored are the model of all others.
  await sql`
    insert into verdicts select (jsonb_populate_record(model, jsonb_build_object(
      'identity', 'mac:' || mac, 'revision', ${revision}::bigint + n,
      'verdict', model.verdict || jsonb_build_object('matchedMac', mac, 'revision', ${revision}::bigint + n)))).*
    from generate_series(0, ${count - 1}::int) as n,
      lateral (select 'a483e7' || lpad(to_hex(n), 6, '0') as mac) as device,
      verdicts as model
    where model.organization_id = ${organizationId}
      and model.identity = case when n % ${STRIDE}::int = ${NONCOMPLIANT}::int then ${noncompliant} else ${compliant} end
    on conflict do nothing`.execute(store.db);
  await sql`update organizations set revision = revision + ${count}::int where id = ${organizationId}`.execute(
    store.db,
  );
  return Array.from({ length: count }, (_, n) => plainMember(n));
}

/** Laptops with certificates, numbered from `first`, all known and compliant. */
export async function learnLaptops(site: Site, first: number, count: number): Promise<readonly Member[]> {
  const { store, organizationId, authority } = site;
  const laptops: Member[] = [];
  for (let n = first; n < first + count; n++) {
    const laptop = await certifiedMember(n, authority);
    const change = { status: "compliant", matchedBy: "deviceId", matchedMac: undefined } as const;
    await hold({ store, deps: { now: Date.now } }, organizationId, laptop.identity, change);
    laptops.push(laptop);
  }
  return laptops;
}

/** Makes laptops whose certificate nobody at the site vouches for; each another device from `first` on, all with one key. */
export async function makeStrangers(site: Site, impostor: Authority, first: number): Promise<(n: number) => Member> {
  const { certificatePem, keyPem } = await impostor.issue({ commonName: "stranger" });
  const trustedCas = [site.authority.certificatePem];
  return (n) => {
    const plain = plainMember(first + n);
    const { mac, name } = plain.client;
    const laptop = { kind: "eap-tls", name, mac, port: "wired", identity: "stranger", certificatePem, keyPem } as const;
    return { ...plain, client: { ...laptop, trustedCas } };
  };
}

import type { Api } from "./api.ts";
import { PRINTER_MAC, VLANS } from "./cast.ts";
import type { Keepsakes } from "./keepsakes.ts";

export const CLIENT_ID = "portcullis-sandbox";
export const SMART_GROUP = "Compliant devices";

interface Named {
  readonly id: string;
  readonly name: string;
}

type Wanted = Readonly<Record<string, unknown>> & { readonly name: string };

async function find(api: Api, path: string, { name: wanted }: Wanted): Promise<Named | undefined> {
  return (await api.get<readonly Named[]>(`${path}?limit=1000`)).find(({ name }) => name === wanted);
}

/** The thing of this name: whatever a person has made of it since an earlier start, or a new one. */
async function provide(api: Api, path: string, wanted: Wanted): Promise<Named> {
  return (await find(api, path, wanted)) ?? api.post<Named>(path, wanted);
}

interface Setting {
  readonly mist_nac?: { readonly cacerts?: readonly string[] };
}

/** Certificates: what the edges show and whom they trust. What a person has added stays. */
export async function configureEdges(api: Api, { caPem, server }: Pick<Keepsakes, "caPem" | "server">): Promise<void> {
  const { mist_nac } = await api.get<Setting>("/setting");
  const trusted = mist_nac?.cacerts ?? [];
  if (trusted.includes(caPem)) return;
  const server_cert = { cert: server.certificatePem, key: server.keyPem };
  await api.put("/setting", { mist_nac: { cacerts: [...trusted, caPem], server_cert } });
}

interface Accounts {
  readonly accounts: readonly {
    readonly account_id: string;
    readonly client_id: string;
    readonly instance_url: string;
  }[];
}

/** Links a simulator, and unlinks what an earlier start had linked at another address. */
export async function linkSimulator(api: Api, kind: "vmware" | "jamf", url: string, tokenUrl: string, secret: string) {
  const path = `/setting/${kind}/link_accounts`;
  const { accounts } = await api.get<Accounts>(path);
  for (const { account_id, client_id, instance_url } of accounts)
    if (client_id === CLIENT_ID && instance_url !== url) await api.delete(`${path}/${account_id}`);
  const credentials = { instance_url: url, client_id: CLIENT_ID, client_secret: secret };
  const extra = kind === "jamf" ? { smartgroup_name: SMART_GROUP } : { token_url: tokenUrl };
  await api.post(path, { ...credentials, ...extra });
}

/**
 * Labels and rules, those that are missing: compliant devices to the corporate VLAN, printers to theirs, all others to
 * quarantine.
 */
export async function configurePolicy(api: Api): Promise<void> {
  const label = (wanted: Wanted) => provide(api, "/nactags", wanted);
  const status = (name: string, value: string) => label({ name, type: "match", match: "mdm_status", values: [value] });
  const vlan = (name: string, number: string) => label({ name, type: "vlan", vlan: number });
  const compliant = await status("Compliant", "compliant");
  const noncompliant = await status("Non-Compliant", "noncompliant");
  const unknown = await status("Unknown", "unknown");
  const printers = await label({ name: "Printers", type: "match", match: "client_mac", values: [PRINTER_MAC] });
  const corporate = await vlan("VLAN corporate", VLANS.corporate);
  const quarantine = await vlan("VLAN quarantine", VLANS.quarantine);
  const printing = await vlan("VLAN printers", VLANS.printers);
  const rules = [
    { name: "Compliant devices", matching: { nactags: [compliant.id] }, apply_tags: [corporate.id] },
    { name: "Non-compliant devices", matching: { nactags: [noncompliant.id] }, apply_tags: [quarantine.id] },
    { name: "Printers", matching: { auth_type: "mab", nactags: [printers.id] }, apply_tags: [printing.id] },
    { name: "Not known yet", matching: { nactags: [unknown.id] }, apply_tags: [quarantine.id] },
  ];
  for (const [index, rule] of rules.entries())
    await provide(api, "/nacrules", { ...rule, order: index + 1, action: "allow", enabled: true });
}

export interface NasRegistration {
  readonly name: string;
  readonly address: string;
  readonly secret: string;
  readonly profile: string;
  readonly nas_identifier?: string;
  readonly coa_port?: number;
}

/** Brings a NAS that is there to this shape: the simulated one has another CoA port at each start. */
export async function registerNas(api: Api, nas: NasRegistration): Promise<void> {
  const wanted = { ...nas };
  const found = await find(api, "/nases", wanted);
  await (found === undefined ? api.post("/nases", wanted) : api.put(`/nases/${found.id}`, wanted));
}

import { setTimeout as sleep } from "node:timers/promises";
import { MINUTE_MS, SECOND_MS } from "../../domain/time.ts";
import type { Api } from "./api.ts";
import { barbara, edsger, FLEET, VLANS, visitor, type Character } from "./cast.ts";
import type { Fleet } from "./fleet.ts";
import type { Tenants } from "./tenants.ts";

export interface Stage {
  readonly api: Api;
  readonly fleet: Fleet;
  readonly tenants: Tenants;
  readonly stop: AbortSignal;
  readonly say: (line: string) => void;
}

interface ClientAnswer {
  readonly compliance: { readonly status: string; readonly sentence: string };
  readonly verdict?: { readonly status: string; readonly mdm_provider?: string };
}

const PATIENCE_MS = MINUTE_MS;
const POLL_MS = 100;
const MDM_NAMES: Readonly<Record<string, string>> = { vmware: "Workspace ONE", jamf: "Jamf Pro" };

/** Tells the story, each line of it a fact that was seen. Ends early, and silently, when `stop` aborts. */
export async function tellStory(stage: Stage): Promise<void> {
  const { say, api } = stage;
  say("Sandbox: eight devices connect. Rules: compliant → VLAN 20, printers → 30, everything else → 99 (quarantine).");
  let arrivals = 0;
  await Promise.all(
    FLEET.map(async (character) => {
      if ((await arrive(stage, character)) && character.vlan === VLANS.corporate && ++arrivals === 1)
        say(`  First device on its right VLAN ${seconds(performance.now())} after the start of this process.`);
    }),
  );
  const advice = await api.find<ClientAnswer>(`/nac_clients/${visitor.mac}`);
  if (advice !== undefined) say(`  Advice for ${visitor.name}: ${advice.compliance.sentence}`);
  await change(stage, barbara, "noncompliant", VLANS.quarantine);
  await change(stage, edsger, "compliant", VLANS.corporate);
}

/** One client's way to its network, in one line. Whether it got there. */
async function arrive(stage: Stage, character: Character): Promise<boolean> {
  const { fleet, api, say, stop } = stage;
  const { name, mac, vlan } = character;
  const before = await api.find<ClientAnswer>(`/nac_clients/${mac}`);
  const startedAt = performance.now();
  const first = await connect(stage, character);
  if (stop.aborted) return false;
  if (first === undefined) return tell(say, `  ${name} gets no network: see its events, and the logs.`);
  const remembered = before?.verdict !== undefined && before.verdict.status !== "unknown";
  // The tenants have begun afresh, and may think otherwise than what is remembered.
  if (remembered && character.mdm !== undefined) await api.post(`/nac_clients/${mac}/check`, {});
  const isThere = await waitFor(stage, async () => {
    if (fleet.nas.vlanOf(mac) !== vlan) return false;
    if (character.mdm === undefined) return true;
    return (await api.find<ClientAnswer>(`/nac_clients/${mac}`))?.verdict?.mdm_provider === character.mdm;
  });
  if (stop.aborted) return false;
  const detail = await api.find<ClientAnswer>(`/nac_clients/${mac}`);
  const begin = `  ${name}: VLAN ${first}${remembered ? " (remembered)" : ""}`;
  if (!isThere)
    return tell(say, `${begin}, and after ${seconds(PATIENCE_MS)} still not where it belongs (VLAN ${vlan}).`);
  const provider = MDM_NAMES[detail?.verdict?.mdm_provider ?? ""];
  const lookUp = provider === undefined ? "" : ` → ${provider}: ${detail?.compliance.status ?? "unknown"}`;
  say(`${begin}${lookUp}${movesOf(stage, character, 0)} (${seconds(performance.now() - startedAt)})`);
  return true;
}

/** The VLAN of the first Accept. The edges hear of certificates and NASes within moments: until then a client tries again. */
async function connect({ fleet, stop }: Stage, character: Character): Promise<string | undefined> {
  for (let tries = 0; tries < 10 && !stop.aborted; tries++) {
    const outcome = await fleet.nas.connect(fleet.clientOf(character));
    if (outcome.kind === "accepted") return outcome.authorization.vlan ?? "of the port";
    await sleep(SECOND_MS / 2, undefined, { signal: stop }).catch(() => undefined);
  }
  return undefined;
}

/** The MDM changes its mind, and is asked at once. */
async function change(stage: Stage, character: Character, compliance: "compliant" | "noncompliant", vlan: string) {
  const { api, fleet, tenants, say, stop } = stage;
  const { name, mac, mdm, device } = character;
  if (stop.aborted || mdm === undefined) return;
  const told = fleet.eventsOf(mac).length;
  const startedAt = performance.now();
  tenants[mdm].tenant.devices.change(device?.udid ?? "", { compliance });
  await api.post(`/nac_clients/${mac}/check`, {});
  const isThere = await waitFor(stage, async () => fleet.nas.vlanOf(mac) === vlan);
  if (stop.aborted) return;
  const turn = compliance === "compliant" ? "recovers" : "falls out of compliance";
  const end = isThere ? movesOf(stage, character, told) : `, and is still on VLAN ${fleet.nas.vlanOf(mac) ?? "none"}`;
  say(`  ${name} ${turn} in ${MDM_NAMES[mdm] ?? mdm} → checked now${end} (${seconds(performance.now() - startedAt)})`);
}

/** What the NAS was told and did since its `from`th event of the client. */
function movesOf({ fleet }: Stage, { mac }: Character, from: number): string {
  const moves = fleet
    .eventsOf(mac)
    .slice(from)
    .flatMap((event) => {
      if (event.kind === "coa") return [" → CoA"];
      if (event.kind === "disconnect") return [" → Disconnect"];
      if (event.occasion === "connect" || event.outcome.kind !== "accepted") return [];
      return [` → VLAN ${event.outcome.authorization.vlan ?? "of the port"}`];
    });
  return moves.join("");
}

async function waitFor({ stop }: Stage, done: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!stop.aborted && performance.now() < deadline) {
    if (await done()) return true;
    await sleep(POLL_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return false;
}

function tell(say: (line: string) => void, line: string): false {
  say(line);
  return false;
}

function seconds(ms: number): string {
  return `${(ms / SECOND_MS).toFixed(1)} s`;
}

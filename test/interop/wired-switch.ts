import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { colonMac } from "../../domain/mac-address.ts";
import type { MacAddress } from "../../domain/mac-address.ts";
import { freeUdpPort, stop } from "./freeradius.ts";

const run = promisify(execFile);

/**
 * A switch of Linux's own parts: for each port a veth pair, hostapd's wired authenticator at one end, wpa_supplicant in a
 * network namespace at the other. It needs root. hostapd's wired driver puts no port into a VLAN, and cannot tell its
 * station of a disconnection: a supplicant begins anew when it is told.
 */
export interface WiredSwitch {
  readonly ports: readonly SwitchPort[];
  /** What hostapd has printed. */
  output(): string;
  close(): Promise<void>;
}

export interface SwitchPort {
  /** The NAS-Identifier of this port, which is a NAS to itself. */
  readonly nasIdentifier: string;
  readonly coaPort: number;
  readonly mac: MacAddress;
  /** `Authorized`, as the supplicant's port has it; the supplicant's other states by their names. */
  status(): Promise<Readonly<Record<string, string>>>;
  /** Whether hostapd lets the station's frames through. */
  isAuthorized(): Promise<boolean>;
  /** The supplicant starts 802.1X anew, as after a lost link. */
  reconnect(): Promise<void>;
}

export interface PortWish {
  readonly nasIdentifier: string;
  readonly mac: MacAddress;
  /** The network block of wpa_supplicant.conf(5), without its braces. */
  readonly network: readonly string[];
}

export interface SwitchOptions {
  /** `host:port` of the edge. */
  readonly authentication: string;
  readonly accounting: string;
  readonly secret: string;
  readonly interimSeconds: number;
}

export async function startWiredSwitch(wishes: readonly PortWish[], options: SwitchOptions): Promise<WiredSwitch> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-switch-"));
  const processes: ChildProcess[] = [];
  const namespaces: string[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(processes.map(stop));
    for (const namespace of namespaces) await run("ip", ["netns", "delete", namespace]);
    rmSync(folder, { recursive: true });
  };
  let printed = "";
  try {
    const wired = await Promise.all(
      wishes.map(async (wish, n) => ({ wish, ...names(n), coaPort: await freeUdpPort() })),
    );
    for (const { wish, namespace, nasEnd, stationEnd } of wired) {
      await run("ip", ["netns", "add", namespace]);
      namespaces.push(namespace);
      await run("ip", ["link", "add", nasEnd, "type", "veth", "peer", "name", stationEnd, "netns", namespace]);
      await run("ip", ["link", "set", nasEnd, "up"]);
      const station = ["netns", "exec", namespace, "ip", "link", "set", stationEnd];
      await run("ip", [...station, "address", colonMac(wish.mac)]);
      await run("ip", [...station, "up"]);
    }
    const configurations = wired.map((port) => hostapdConfiguration(folder, port, options));
    const hostapd = spawn("hostapd", configurations, { stdio: ["ignore", "pipe", "pipe"] });
    processes.push(hostapd);
    for (const stream of [hostapd.stdout, hostapd.stderr])
      stream.on("data", (text: Buffer) => (printed += text.toString()));
    await until(
      () => wired.every(({ nasEnd }) => printed.includes(`${nasEnd}: AP-ENABLED`)),
      () => printed,
    );
    for (const port of wired) processes.push(startSupplicant(folder, port));
    return { ports: wired.map((port) => portOf(folder, port)), output: () => printed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Wired {
  readonly wish: PortWish;
  readonly coaPort: number;
  readonly namespace: string;
  readonly nasEnd: string;
  readonly stationEnd: string;
}

/** Names of interfaces have 15 octets at most. */
function names(n: number): Pick<Wired, "namespace" | "nasEnd" | "stationEnd"> {
  const run = process.pid.toString(36);
  return { namespace: `pc-${run}-${n}`, nasEnd: `pcn${run}${n}`, stationEnd: `pcs${run}${n}` };
}

function hostapdConfiguration(folder: string, { wish, nasEnd, coaPort }: Wired, options: SwitchOptions): string {
  const server = (kind: string, address: string): readonly string[] => {
    const [host, port] = address.split(":");
    return [`${kind}_addr=${host}`, `${kind}_port=${port}`, `${kind}_shared_secret=${options.secret}`];
  };
  return writeLines(folder, `${nasEnd}.conf`, [
    `interface=${nasEnd}`,
    "driver=wired",
    "logger_stdout=-1",
    "logger_stdout_level=0",
    "ieee8021x=1",
    "eap_reauth_period=0",
    "use_pae_group_addr=1",
    "own_ip_addr=127.0.0.1",
    `nas_identifier=${wish.nasIdentifier}`,
    ...server("auth_server", options.authentication),
    ...server("acct_server", options.accounting),
    // NAS-Port-Type Ethernet: hostapd says Wireless-802.11 unless told.
    "radius_auth_req_attr=61:d:15",
    "radius_request_cui=1",
    `radius_acct_interim_interval=${options.interimSeconds}`,
    `radius_das_port=${coaPort}`,
    `radius_das_client=127.0.0.1 ${options.secret}`,
    "radius_das_time_window=300",
    "radius_das_require_event_timestamp=1",
    "radius_das_require_message_authenticator=1",
    `ctrl_interface=${join(folder, "hostapd")}`,
  ]);
}

function startSupplicant(folder: string, { wish, namespace, stationEnd }: Wired): ChildProcess {
  const configuration = writeLines(folder, `${stationEnd}.conf`, [
    `ctrl_interface=${join(folder, "supplicant")}`,
    "ap_scan=0",
    "network={",
    "key_mgmt=IEEE8021X",
    "eapol_flags=0",
    ...wish.network,
    "}",
  ]);
  const program = ["wpa_supplicant", "-D", "wired", "-i", stationEnd, "-c", configuration];
  return spawn("ip", ["netns", "exec", namespace, ...program], { stdio: "ignore" });
}

function portOf(folder: string, { wish, nasEnd, stationEnd, coaPort }: Wired): SwitchPort {
  const ask = async (program: string, control: string, name: string, ...command: string[]): Promise<string> =>
    (await run(program, ["-p", join(folder, control), "-i", name, ...command])).stdout;
  return {
    nasIdentifier: wish.nasIdentifier,
    coaPort,
    mac: wish.mac,
    status: async () => {
      const lines = (await ask("wpa_cli", "supplicant", stationEnd, "status")).split("\n");
      return Object.fromEntries(lines.map((line) => line.split("=", 2) as [string, string]));
    },
    isAuthorized: async () => {
      const station = await ask("hostapd_cli", "hostapd", nasEnd, "sta", colonMac(wish.mac));
      return /^flags=.*\[AUTHORIZED\]/m.test(station);
    },
    reconnect: async () => void (await ask("wpa_cli", "supplicant", stationEnd, "reassociate")),
  };
}

function writeLines(folder: string, name: string, lines: readonly string[]): string {
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`, { mode: 0o600 });
  return join(folder, name);
}

async function until(isSo: () => boolean, story: () => string): Promise<void> {
  for (const end = Date.now() + 30_000; !isSo(); await sleep(50))
    if (Date.now() > end) throw new Error(`the switch did not come up: ${story()}`);
}

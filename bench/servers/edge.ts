import { findFreePort } from "../../cli/embedded/ports.ts";
import { spawnOn } from "../machine/cores.ts";
import { endChild, untilPrinted } from "./child.ts";
import { portcullis, type Installation } from "./installation.ts";
import { freeUdpPort } from "./ports.ts";
import type { Server } from "./server.ts";

/** Ports that stay an edge's over its lives: by the internal one, the second life knows that the first is over. */
export interface EdgePorts {
  readonly authentication: number;
  readonly accounting: number;
  readonly internal: number;
}

export async function newEdgePorts(): Promise<EdgePorts> {
  return { authentication: await freeUdpPort(), accounting: await freeUdpPort(), internal: await findFreePort() };
}

/** A process that may not answer yet. */
export interface EdgeProcess extends Server {
  untilAnswers(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** `node dist/cli/main.js edge`, with settings of its own besides the installation's. */
export function spawnEdge(
  { environment }: Pick<Installation, "environment">,
  ports: EdgePorts,
  settings: Readonly<Record<string, string>> = {},
  name = "Portcullis",
): EdgeProcess {
  const env = {
    ...environment,
    PORTCULLIS_AUTH_PORT: String(ports.authentication),
    PORTCULLIS_ACCT_PORT: String(ports.accounting),
    PORTCULLIS_INTERNAL_PORT: String(ports.internal),
    ...settings,
  };
  const child = spawnOn("all", portcullis("edge"), { env, stdio: ["ignore", "pipe", "pipe"] });
  const answers = untilPrinted(child, "the edge answers");
  answers.catch(() => undefined); // who waits for it hears of it
  return {
    name,
    port: ports.authentication,
    pid: child.pid!,
    untilAnswers: () => answers,
    kill: () => endChild(child, "SIGKILL"),
    stop: () => endChild(child),
  };
}

export async function startEdge(installation: Installation, ports?: EdgePorts): Promise<EdgeProcess> {
  const edge = spawnEdge(installation, ports ?? (await newEdgePorts()));
  await edge.untilAnswers();
  return edge;
}

const PRELOAD = new URL("../programs/eventless/preload.js", import.meta.url).href;

/** The same build with a record that keeps nothing, as an edge of its own. */
export async function startEventlessEdge(installation: Installation): Promise<EdgeProcess> {
  const nodeOptions = `${installation.environment["NODE_OPTIONS"]} --import ${PRELOAD}`;
  const settings = { NODE_OPTIONS: nodeOptions, PORTCULLIS_EDGE_ID: "00000000-0000-4000-8000-00000000e7e7" };
  const edge = spawnEdge(installation, await newEdgePorts(), settings, "Portcullis without events");
  await edge.untilAnswers();
  return edge;
}

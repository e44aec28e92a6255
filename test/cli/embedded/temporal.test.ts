import { Client, Connection } from "@temporalio/client";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTemporal, type EmbeddedTemporal } from "../../../cli/embedded/temporal.ts";
import { abandon } from "../../support/abandoned-supervisor.ts";
import { temporalCli } from "../../support/temporal.ts";

let folder: string;
let running: EmbeddedTemporal | undefined;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "portcullis-temporal-"))));
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true });
});

test("serves workflows and its web UI at once, and keeps workflows over a stop", async () => {
  running = await start();
  await startWorkflow(running.address, "device/one");
  const ui = await fetch(running.uiUrl);
  expect(ui.status).toBe(200);
  await running.stop();
  running = await start();
  expect(await statusOf(running.address, "device/one")).toBe("RUNNING");
});

test("after a kill -9 of server and supervisor the next start goes on where they stopped", async () => {
  const orphan = await start();
  await startWorkflow(orphan.address, "device/two");
  await abandon(join(folder, "temporal"));
  // The orphan still lives, and holds port and database file, when the next start comes.
  const said: string[] = [];
  running = await start(portOf(orphan), (sentence) => said.push(sentence));
  expect(said).toEqual([expect.stringContaining(`stopping Temporal (process ${orphan.pid})`)]);
  expect(await orphan.exited).toBe("exit code 0");
  expect(await statusOf(running.address, "device/two")).toBe("RUNNING");
  process.kill(running.pid, "SIGKILL");
  expect(await running.exited).toBe("SIGKILL");
  running = await start();
  expect(await statusOf(running.address, "device/two")).toBe("RUNNING");
});

test("a second start beside a living one is refused", async () => {
  running = await start();
  await expect(start()).rejects.toThrow(/already runs.*use another state folder/);
});

test("a taken port is named", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address() as AddressInfo;
  await expect(start(port)).rejects.toThrow(
    `Temporal cannot use port ${port} on 127.0.0.1: another program listens there`,
  );
  squatter.close();
});

function start(port?: number, log: (sentence: string) => void = () => undefined): Promise<EmbeddedTemporal> {
  return startTemporal({
    stateFolder: folder,
    executable: temporalCli(),
    log,
    ...(port === undefined ? {} : { port }),
  });
}

function portOf({ address }: EmbeddedTemporal): number {
  return Number(address.split(":")[1]);
}

async function startWorkflow(address: string, workflowId: string): Promise<void> {
  await withClient(address, (client) => client.workflow.start("anything", { workflowId, taskQueue: "nobody" }));
}

function statusOf(address: string, workflowId: string): Promise<string> {
  return withClient(address, async (client) => (await client.workflow.getHandle(workflowId).describe()).status.name);
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseId } from "../../domain/identifiers.ts";
import { loadEdgeId } from "../../radius-edge/edge-id.ts";
import { loadConfig } from "../../runtime/config.ts";
import { createLog } from "../../runtime/log.ts";

const { edge } = loadConfig({});
const warnings: string[] = [];
const log = createLog("edge", "warn", { write: (line: string) => void warnings.push(line) });
let folder: string;
let file: string;
beforeEach(async () => {
  warnings.length = 0;
  folder = await mkdtemp(join(tmpdir(), "portcullis-id-"));
  file = join(folder, "edge-id");
});
afterEach(() => rm(folder, { recursive: true }));

test("an id is made once, is the edge's own to read, and stays", async () => {
  const ids = await Promise.all([loadEdgeId(edge, folder, log), loadEdgeId(edge, folder, log)]);
  expect(new Set([...ids, await loadEdgeId(edge, folder, log)]).size).toBe(1);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await loadEdgeId({ ...edge, index: 1 }, folder, log)).not.toBe(ids[0]);
});

test("a file that a full disk or a power failure left empty is written anew, and told", async () => {
  await writeFile(file, "");
  const id = await loadEdgeId(edge, folder, log);
  expect(parseId(id)).toBe(id);
  expect(await readFile(file, "utf8")).toBe(`${id}\n`);
  expect(warnings.join("")).toContain("edge-id");
  expect(await loadEdgeId(edge, folder, log)).toBe(id);
});

test("a file that cannot be read, and one that says something else, are named with the way out", async () => {
  await mkdir(file);
  await expect(loadEdgeId(edge, folder, log)).rejects.toThrow(/edge-id, the id of this edge, .*PORTCULLIS_EDGE_ID/);
  await rm(file, { recursive: true });
  await writeFile(file, "edge one");
  await expect(loadEdgeId(edge, folder, log)).rejects.toThrow(/edge-id holds no UUID: delete it/);
});

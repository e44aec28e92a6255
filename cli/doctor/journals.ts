import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseId } from "../../domain/identifiers.ts";
import type { EdgeId } from "../../domain/identifiers.ts";
import { liveEdges } from "../../store/edges.ts";
import type { Store } from "../../store/pool.ts";
import { warning } from "./finding.ts";
import type { Finding } from "./finding.ts";

/**
 * Journals in this machine's state folder that nobody delivers: an edge brings its own to Postgres and no other's, so that
 * fewer processes than before, or a new id, leave one behind.
 */
export async function examineJournals(store: Store, stateFolder: string): Promise<readonly Finding[]> {
  const folder = join(stateFolder, "journal");
  const living = new Set((await liveEdges(store)).map(({ id }) => id));
  const findings: Finding[] = [];
  for (const id of await journalsIn(folder)) {
    const octets = living.has(id) ? 0 : await octetsIn(join(folder, id));
    if (octets === 0) continue;
    const text = `the journal of edge ${id} holds ${octets} octets of events, and that edge is not alive`;
    const mend =
      "start it once to deliver them: with as many PORTCULLIS_EDGE_PROCESSES as before, or this PORTCULLIS_EDGE_ID";
    findings.push(warning(text, mend));
  }
  return findings;
}

async function journalsIn(folder: string): Promise<readonly EdgeId[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => parseId<EdgeId>(name) ?? []);
}

/** Of segments; what was put aside is nobody's to deliver. */
async function octetsIn(folder: string): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".segment"));
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

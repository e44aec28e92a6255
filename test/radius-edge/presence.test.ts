import { setTimeout as sleep } from "node:timers/promises";
import type { EdgeId } from "../../domain/identifiers.ts";
import { announceEdge } from "../../radius-edge/presence.ts";
import { createLog } from "../../runtime/log.ts";
import { liveEdges } from "../../store/edges.ts";
import { newId } from "../support/edge-records.ts";
import { openTestStore } from "../support/store.ts";
import type { TestStore } from "../support/store.ts";

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.close());

function announce(id: EdgeId, internalAddress: string, logged: string[] = [], taken: Error[] = []) {
  return announceEdge({
    store,
    id,
    internalAddress,
    snapshot: { revisions: {} },
    log: createLog("edge", "info", { write: (line) => void logged.push(line) }),
    onTaken: (reason) => void taken.push(reason),
  });
}

const until = async (isMet: () => boolean): Promise<void> => {
  while (!isMet()) await sleep(20);
};

const WAY_OUT = /delete edge-id (t?here), and a new id is made/;

test("of two edges from copies of one state folder the first lives on, and both logs tell the way out", async () => {
  const id = newId<EdgeId>();
  const [logged, taken]: [string[], Error[]] = [[], []];
  const first = await announce(id, "http://127.0.0.1:1", logged, taken);
  try {
    // The second was copied to another machine, and is started again and again by whoever looks after it.
    for (let starts = 0; starts < 3; starts++) {
      const second = announce(id, "http://127.0.0.1:2");
      await expect(second).rejects.toThrow(/lives under id .* at http:\/\/127.0.0.1:1 on /);
      await expect(second).rejects.toThrow(WAY_OUT);
    }
    await until(() => logged.some((line) => WAY_OUT.test(line)));
    expect(logged.join("")).toContain("http://127.0.0.1:2 on ");
    // Orders for CoA reach the one that answers RADIUS, before and after.
    const living = (await liveEdges(store)).find((edge) => edge.id === id);
    expect(living?.internalAddress).toBe("http://127.0.0.1:1");
    expect(taken).toEqual([]);
  } finally {
    await first.close();
  }
});

test("one that was silent while another took its place is told so when it is back, and does not take it in turn", async () => {
  const id = newId<EdgeId>();
  const taken: Error[] = [];
  const silent = await announce(id, "http://127.0.0.1:1", [], taken);
  await store.pool.query("update edges set process_nonce = gen_random_uuid(), host = 'elsewhere' where id = $1", [id]);
  try {
    await until(() => taken.length > 0);
    expect(taken[0]!.message).toMatch(/ on elsewhere: /);
    expect(taken[0]!.message).toMatch(WAY_OUT);
    const { rows } = await store.pool.query<{ host: string }>("select host from edges where id = $1", [id]);
    expect(rows[0]!.host).toBe("elsewhere");
    // Started anew by its supervisor: at the same address, and on another host than who lives now.
    await expect(announce(id, "http://127.0.0.1:1")).rejects.toThrow(WAY_OUT);
  } finally {
    await silent.close();
  }
});

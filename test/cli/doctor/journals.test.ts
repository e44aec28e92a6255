import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineJournals } from "../../../cli/doctor/journals.ts";
import type { EdgeId, OrganizationId } from "../../../domain/identifiers.ts";
import { openJournal } from "../../../radius-edge/journal.ts";
import { registerEdge } from "../../../store/edges.ts";
import { failedEap, newId } from "../../support/edge-records.ts";
import { openTestStore } from "../../support/store.ts";
import type { TestStore } from "../../support/store.ts";

let store: TestStore;
let stateFolder: string;
beforeAll(async () => {
  store = await openTestStore();
  stateFolder = await mkdtemp(join(tmpdir(), "portcullis-doctor-"));
});
afterAll(async () => {
  await store.close();
  await rm(stateFolder, { recursive: true });
});

async function leaveJournal(id: EdgeId, records: number): Promise<void> {
  const folder = join(stateFolder, "journal", id);
  const journal = await openJournal({ folder, maxBytes: 1e6, onFault: () => undefined });
  if (records > 0) await journal.append(Array.from({ length: records }, () => failedEap(newId<OrganizationId>())));
  await journal.close();
}

test("a journal with events in it is told of when its edge does not live, and no other", async () => {
  expect(await examineJournals(store, stateFolder)).toEqual([]);
  const [gone, alive, empty] = [newId<EdgeId>(), newId<EdgeId>(), newId<EdgeId>()];
  await leaveJournal(gone, 2);
  await leaveJournal(alive, 2);
  await leaveJournal(empty, 0);
  await registerEdge(store, { id: alive, internalAddress: "http://127.0.0.1:1", nonce: newId() });
  expect(await examineJournals(store, stateFolder)).toEqual([
    {
      level: "warning",
      text: expect.stringMatching(`^the journal of edge ${gone} holds \\d+ octets of events`) as unknown,
      mend: expect.stringContaining("PORTCULLIS_EDGE_PROCESSES") as unknown,
    },
  ]);
});

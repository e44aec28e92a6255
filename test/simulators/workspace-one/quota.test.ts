import { startWorkspaceOne, type WorkspaceOneSimulator } from "../../../simulators/workspace-one/simulator.ts";
import { type Ask, CREDENTIALS, signIn } from "../asking.ts";

const START = Date.UTC(2026, 10, 25);
const DAY_MS = 86_400_000;

let now: number;
let uem: WorkspaceOneSimulator;
let askUem: Ask;
const remaining = async (path: string) => (await askUem(path)).headers.get("x-ratelimit-remaining");

beforeEach(async () => {
  now = START;
  uem = await startWorkspaceOne({ ...CREDENTIALS, now: () => now });
  uem.tenant.configure({ tokenLifetimeSeconds: 1_000_000, quota: 3 });
  askUem = await signIn(uem);
});
afterEach(() => uem.stop());

test("each call takes one, answers without a body and refusals too, and the token takes none", async () => {
  expect(await remaining("/API/mdm/devices/search")).toBe("2");
  expect(await remaining("/API/mdm/devices/1")).toBe("1");
  expect(await remaining("/API/system/info")).toBe("0");
});

test("once it is spent all are refused until 24 hours after the first call", async () => {
  await askUem("/API/system/info");
  now = START + DAY_MS / 2;
  for (let call = 0; call < 2; call += 1) await askUem("/API/system/info");
  const refused = await askUem("/API/system/info");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("x-ratelimit-reset")).toBe(String((START + DAY_MS) / 1000));
  now = START + DAY_MS;
  expect(await remaining("/API/system/info")).toBe("2");
});

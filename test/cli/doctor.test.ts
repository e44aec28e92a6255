import { doctorCommand } from "../../cli/commands/doctor.ts";
import { findFreePort } from "../../cli/embedded/ports.ts";
import { startProduct } from "../support/product.ts";
import type { Product } from "../support/product.ts";
import { ack, nak, openCoaNas } from "../radius-edge/coa/nas.ts";
import type { CoaNas } from "../radius-edge/coa/nas.ts";
import { secret } from "../../domain/secret.ts";

const SECRET = "a secret of some length";
let product: Product;
let obedient: CoaNas;
let deaf: CoaNas;

beforeAll(async () => {
  product = await startProduct();
  obedient = await openCoaNas(() => nak(503, "Disconnect-NAK"), { secret: secret(SECRET) });
  deaf = await openCoaNas(() => ack("Disconnect-ACK"), { secret: secret("another secret, alas") });
  const register = (name: string, address: string, nas: CoaNas, shared: string) =>
    product.api.post("/nases", {
      name,
      address,
      secret: shared,
      coa_port: nas.port,
      coa_address: "127.0.0.1",
      profile: "hostapd",
    });
  await register("obedient", "192.0.2.1", obedient, SECRET);
  await register("deaf", "192.0.2.2", deaf, "short one");
}, 120_000);
afterAll(async () => {
  obedient.close();
  deaf.close();
  await product.close();
}, 60_000);

async function doctor(change: Readonly<Record<string, string>> = {}): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const log = jest.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  try {
    const code = await doctorCommand({ ...product.environment, ...change });
    return { code, said: lines.join("\n") };
  } finally {
    log.mockRestore();
  }
}

test("the doctor says what is well, what is not, and how to mend it, and shows no secret", async () => {
  const { code, said } = await doctor();
  expect(said).toMatch(/✓ Postgres answers/);
  expect(said).toMatch(/✓ clock: 0\.\d s/);
  expect(said).toMatch(/✓ the master key test opens/);
  expect(said).toMatch(/✓ Temporal answers/);
  expect(said).toMatch(/✓ edge \S+ at \S+ answers/);
  expect(said).toMatch(/✓ .*: the server certificate .* is good for \d+ days/);
  expect(said).toMatch(/✓ obedient \(127\.0\.0\.1\) takes CoA, and has the same secret/);
  expect(said).toMatch(/✗ deaf \(127\.0\.0\.1\) does not answer CoA.*\n.*radius_das_port/);
  expect(said).toMatch(/! deaf: its secret is shorter/);
  expect(said).not.toContain(SECRET);
  expect(said).not.toContain("short one");
  expect(code).toBe(1);
}, 90_000);

test("a wrong master key and a Temporal that is away are faults, each with its way out", async () => {
  const { code, said } = await doctor({
    PORTCULLIS_MASTER_KEYS: `test:${Buffer.alloc(32, 9).toString("base64")}`,
    TEMPORAL_ADDRESS: `127.0.0.1:${await findFreePort()}`,
  });
  expect(said).toMatch(/✗ the master key test is not the one of that name\n +restore it/);
  expect(said).toMatch(/✗ .*Temporal/i);
  expect(code).toBe(1);
}, 90_000);

test("without Postgres an edge that goes on answering keeps its ports, and is not told to give them up", async () => {
  const portOf = (address: string): string => address.split(":").at(-1)!;
  const change = {
    DATABASE_URL: `postgres://nobody@127.0.0.1:${await findFreePort()}/none`,
    PORTCULLIS_AUTH_PORT: portOf(product.edge.authentication),
    PORTCULLIS_ACCT_PORT: portOf(product.edge.accounting),
  };
  const PORTCULLIS_INTERNAL_PORT = portOf(product.edge.internal);
  expect((await doctor({ ...change, PORTCULLIS_INTERNAL_PORT })).said).not.toMatch(/UDP port/);
  const elsewhere = await doctor({ ...change, PORTCULLIS_INTERNAL_PORT: String(await findFreePort()) });
  expect(elsewhere.said).toMatch(
    /✗ UDP port \d+ on 127\.0\.0\.1 cannot be had: .+\n +stop what holds it, or set PORTCULLIS_AUTH/,
  );
}, 60_000);

test("without Postgres the rest of the machine is still looked at", async () => {
  const { code, said } = await doctor({ DATABASE_URL: `postgres://nobody@127.0.0.1:${await findFreePort()}/none` });
  expect(said).toMatch(/✗ Postgres does not answer: .+\n +start it/);
  expect(said).toMatch(/MiB free at/);
  expect(code).toBe(1);
}, 60_000);

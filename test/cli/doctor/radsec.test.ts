import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineRadsec } from "../../../cli/doctor/radsec.ts";
import type { Finding } from "../../../cli/doctor/finding.ts";
import { findFreePort } from "../../../cli/embedded/ports.ts";
import { DAY_MS } from "../../../domain/time.ts";
import { loadConfig } from "../../../runtime/config.ts";
import { createAuthority } from "../../../simulators/certificates.ts";
import type { Authority, CertifiedKey } from "../../../simulators/certificates.ts";
import { startTestEdge } from "../../support/edge.ts";

let authority: Authority;
let server: CertifiedKey;
let folder: string;
beforeAll(async () => {
  authority = await createAuthority("NAS CA");
  server = await issue({});
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "portcullis-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const issue = (validity: { readonly notBefore?: number; readonly notAfter?: number }): Promise<CertifiedKey> =>
  authority.issue({ commonName: "radius", sanDns: ["radius.acme.example"], eku: "server", ...validity });

interface Texts {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
}

const whole = (): Texts => ({
  certificate: server.certificatePem,
  key: server.keyPem,
  authorities: authority.certificatePem,
});

/** The settings that name these files; what is not given has no file. */
function settings(texts: Partial<Texts>) {
  const file = (name: string, text: string | undefined): string => {
    const path = join(folder, name);
    if (text !== undefined) writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    PORTCULLIS_RADSEC_CERT_FILE: file("server.pem", texts.certificate),
    PORTCULLIS_RADSEC_KEY_FILE: file("server.key", texts.key),
    PORTCULLIS_RADSEC_CA_FILE: file("ca.pem", texts.authorities),
  };
}

const examine = (texts: Partial<Texts>): Promise<readonly Finding[]> => examineRadsec(loadConfig(settings(texts)), []);
const atFault = (findings: readonly Finding[]): readonly Finding[] => findings.filter(({ level }) => level !== "good");

test("the doctor says nothing of RadSec where it is off, and that all is well where it is", async () => {
  expect(await examineRadsec(loadConfig({}), [])).toEqual([]);
  const findings = await examine(whole());
  expect(findings.map(({ level }) => level)).toEqual(["good", "good", "good"]);
});

test.each([
  ["certificate", "PORTCULLIS_RADSEC_CERT_FILE"],
  ["key", "PORTCULLIS_RADSEC_KEY_FILE"],
  ["authorities", "PORTCULLIS_RADSEC_CA_FILE"],
] as const)("a file of the %s that is not there is a fault, which names its setting", async (part, setting) => {
  const { [part]: _, ...others } = whole();
  expect(atFault(await examine(others))).toEqual([
    {
      level: "fault",
      text: expect.stringMatching(`^RadSec cannot start: ${setting}: ENOENT.*${folder}`) as string,
      mend: expect.stringContaining(`let ${setting} name a file`) as string,
    },
  ]);
});

test.each([
  [
    "a certificate that is none",
    { certificate: "no PEM" },
    /^RadSec: the certificate of .+server\.pem is not readable/,
  ],
  ["a key that is none", { key: "no PEM" }, /^RadSec cannot start: the key of .+server\.key is not readable: /],
  ["a CA file without a certificate", { authorities: "" }, /^RadSec: no authority is in .+ca\.pem/],
])("%s is a fault", async (_, change, text) => {
  const [found, ...more] = atFault(await examine({ ...whole(), ...change }));
  expect(more).toEqual([]);
  expect(found).toEqual({
    level: "fault",
    text: expect.stringMatching(text) as string,
    mend: expect.any(String) as string,
  });
});

test("a key of another certificate is a fault, and none of it is shown", async () => {
  const { keyPem } = await issue({});
  const findings = await examine({ ...whole(), key: keyPem });
  expect(atFault(findings)).toEqual([
    {
      level: "fault",
      text: expect.stringMatching(
        /^RadSec cannot start: the key of .+ is another one's than the certificate's$/,
      ) as string,
      mend: expect.stringContaining("change together") as string,
    },
  ]);
  for (const line of keyPem.split("\n").filter((text) => text.length > 20 && !text.startsWith("-")))
    expect(JSON.stringify(findings)).not.toContain(line);
});

test("a certificate or an authority near or past its end is told, and that edges must be restarted", async () => {
  const [ageing, expired] = [
    await issue({ notAfter: Date.now() + 9.5 * DAY_MS }),
    await issue({ notBefore: Date.now() - 9 * DAY_MS, notAfter: Date.now() - DAY_MS }),
  ];
  expect(atFault(await examine({ ...whole(), certificate: ageing.certificatePem, key: ageing.keyPem }))).toEqual([
    {
      level: "warning",
      text: expect.stringMatching(/^RadSec: the certificate of .+ is good for 9 days$/) as string,
      mend: expect.stringMatching(/^renew it before then; .*restart/) as string,
    },
  ]);
  const texts = { certificate: `${expired.certificatePem}${ageing.certificatePem}`, key: expired.keyPem };
  expect(
    atFault(await examine({ ...texts, authorities: `${authority.certificatePem}${expired.certificatePem}` })),
  ).toEqual([
    expect.objectContaining({
      level: "fault",
      text: expect.stringMatching(/^RadSec: the certificate of .+ expired on/) as string,
    }),
    expect.objectContaining({
      level: "warning",
      text: expect.stringMatching(/^RadSec: the certificate of .+, number 2 of its chain .+ for 9 days$/) as string,
    }),
    expect.objectContaining({
      level: "fault",
      text: expect.stringMatching(/^RadSec: authority 2 of .+ expired on/) as string,
    }),
  ]);
});

test("the doctor sees over TLS whether a living edge shows the certificate of the file, or is yet to be restarted", async () => {
  const environment = settings(whole());
  const running = await startTestEdge(async () => undefined, environment);
  const at = (port: string) => loadConfig({ ...environment, PORTCULLIS_RADSEC_PORT: port });
  const [host, port] = running.edge.radsec!.split(":") as [string, string];
  const shown = async (): Promise<Finding> => (await examineRadsec(at(port), [host])).at(-1)!;
  try {
    expect(await shown()).toEqual({ level: "good", text: `RadSec is answered at ${host}:${port}` });
    const renewed = await issue({});
    settings({ certificate: renewed.certificatePem, key: renewed.keyPem });
    expect(await shown()).toEqual({
      level: "warning",
      text: expect.stringMatching(
        `^RadSec is answered at ${host}:${port} with another certificate than the file's`,
      ) as string,
      mend: expect.stringMatching(/^restart the edge there/) as string,
    });
  } finally {
    await running.close();
  }
  const nobody = String(await findFreePort());
  expect((await examineRadsec(at(nobody), [host])).at(-1)).toEqual({
    level: "warning",
    text: expect.stringMatching(`^RadSec is not answered at ${host}:${nobody}: .*ECONNREFUSED`) as string,
    mend: expect.stringContaining(`TCP port ${nobody}`) as string,
  });
}, 60_000);

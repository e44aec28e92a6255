import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileFromTarGz, fileFromZip } from "../../../cli/embedded/archives.ts";

const PROGRAM = "#!/bin/sh\n" + "echo tool\n".repeat(20);

/** Made with Python's zipfile: METADATA stored, the program deflated, as in a wheel. */
const WHEEL = Buffer.from(
  "UEsDBBQAAAAAAAAAIVy/OwXqCwAAAAsAAAAbAAAAdG9vbC0xLjAuZGlzdC1pbmZvL01FVEFEQVRBTmFtZTogdG9vbApQSwMEFAAAAAgAAAAhXOHIyFAXAAAA0gAAABoAAAB0b29sLTEuMC5kYXRhL3NjcmlwdHMvdG9vbFNW1E/KzNMvzuBKTc7IVyjJz88Z4iwAUEsBAhQDFAAAAAAAAAAhXL87BeoLAAAACwAAABsAAAAAAAAAAAAAAIABAAAAAHRvb2wtMS4wLmRpc3QtaW5mby9NRVRBREFUQVBLAQIUAxQAAAAIAAAAIVzhyMhQFwAAANIAAAAaAAAAAAAAAAAAAACAAUQAAAB0b29sLTEuMC5kYXRhL3NjcmlwdHMvdG9vbFBLBQYAAAAAAgACAJEAAACTAAAAAAA=",
  "base64",
);

test("a file comes out of a wheel, deflated or stored", () => {
  expect(fileFromZip(WHEEL, "/scripts/tool").toString()).toBe(PROGRAM);
  expect(fileFromZip(WHEEL, "/METADATA").toString()).toBe("Name: tool\n");
});

test("what is no zip, or holds no such file, is refused by name", () => {
  expect(() => fileFromZip(Buffer.from("<html>proxy login</html>"), "/scripts/tool")).toThrow("not a zip archive");
  expect(() => fileFromZip(WHEEL, "/scripts/other")).toThrow("the zip archive holds no /scripts/other");
});

test("a file comes out of a tar archive that the system's tar made", () => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-archives-"));
  mkdirSync(join(folder, "tool_1.0_linux"));
  writeFileSync(join(folder, "tool_1.0_linux/LICENSE"), "x".repeat(700)); // more than a block, less than two
  writeFileSync(join(folder, "tool_1.0_linux/tool"), PROGRAM);
  execFileSync("tar", ["-czf", "tool.tar.gz", "tool_1.0_linux"], { cwd: folder });
  const archive = readFileSync(join(folder, "tool.tar.gz"));
  rmSync(folder, { recursive: true });
  expect(fileFromTarGz(archive, "tool_1.0_linux/tool").toString()).toBe(PROGRAM);
  expect(() => fileFromTarGz(archive, "tool")).toThrow("the tar archive holds no tool");
});

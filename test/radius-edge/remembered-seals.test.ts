import { randomBytes } from "node:crypto";
import { reveal, secret } from "../../domain/secret.ts";
import type { Secret } from "../../domain/secret.ts";
import { rememberOpened } from "../../radius-edge/remembered-seals.ts";
import { createSeals } from "../../runtime/secrets.ts";

const key = { kid: "test", key: randomBytes(32) };
const sealer = createSeals({ current: key, all: [key] });

test("a sealed text is opened once, and a text of another row is still refused", async () => {
  let openings = 0;
  const counted = {
    seal: (text: Secret, context: string) => sealer.seal(text, context),
    open: (sealed: string, context: string) => {
      openings++;
      return sealer.open(sealed, context);
    },
  };
  const seals = rememberOpened(counted);
  const sealed = await seals.seal(secret("s3cret"), "nas:1");
  expect(reveal(await seals.open(sealed, "nas:1"))).toBe("s3cret");
  expect(reveal(await seals.open(sealed, "nas:1"))).toBe("s3cret");
  expect(openings).toBe(1);
  await expect(seals.open(sealed, "nas:2")).rejects.toThrow("nas:2");
});

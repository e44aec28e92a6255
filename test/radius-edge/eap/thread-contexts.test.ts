import { setTimeout as wait } from "node:timers/promises";
import { createThreadContexts } from "../../../radius-edge/eap/thread-contexts.ts";
import type { CertifiedKey } from "../../../simulators/certificates.ts";
import { collectGarbage, contextOf, createSite } from "./bench.ts";

let server: CertifiedKey;
let trusted: readonly string[];
beforeAll(async () => {
  const site = await createSite();
  ({ server } = site);
  trusted = [site.authority.certificatePem];
});

const newContext = (organization?: string) =>
  contextOf(server, trusted, organization === undefined ? {} : { organization }).tls;

test("old and new of one organization keep their numbers while both are in use", () => {
  const contexts = createThreadContexts(() => undefined);
  const [before, after, other] = [newContext(), newContext(), newContext("globex")];
  const numbers = [before, after, before, other, after, before].map((context) => contexts.keyOf(context));
  expect(numbers).toEqual([1, 2, 1, 3, 2, 1]);
});

test("threads forget what no organization has and no conversation began with, and nothing else", async () => {
  const gone: number[] = [];
  const contexts = createThreadContexts((key) => gone.push(key));
  const kept = newContext();
  contexts.keyOf(kept);
  (() => void contexts.keyOf(newContext("globex")))();
  while (gone.length === 0) {
    collectGarbage();
    await wait(20);
  }
  expect(gone).toEqual([2]);
  expect(contexts.keyOf(kept)).toBe(1);
});

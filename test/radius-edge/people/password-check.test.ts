import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Directory } from "../../../domain/directory.ts";
import { parseId } from "../../../domain/identifiers.ts";
import type { DirectoryId, LocalUserId } from "../../../domain/identifiers.ts";
import { userNameKey } from "../../../domain/local-user.ts";
import type { LocalUser } from "../../../domain/local-user.ts";
import { reveal, secret } from "../../../domain/secret.ts";
import type { Directories } from "../../../radius-edge/people/directories.ts";
import { openDirectories } from "../../../radius-edge/people/directories.ts";
import type { DirectoryJudgement } from "../../../radius-edge/people/directory.ts";
import type { PasswordCheck } from "../../../radius-edge/eap/method.ts";
import { openPasswordChecks } from "../../../radius-edge/people/password-check.ts";
import type { PasswordChecks } from "../../../radius-edge/people/password-check.ts";
import { hashPassword } from "../../../runtime/password-hash.ts";
import { createThrottle } from "../../../radius-edge/people/throttle.ts";
import { createTurnstile } from "../../../radius-edge/people/turnstile.ts";
import type { People } from "../../../store/edge-snapshot.ts";
import { SECOND_MS } from "../../../domain/time.ts";
import { MAC, organizationId, OTHER_MAC } from "../../support/domain-values.ts";

/** Who there is, and what each directory says; both change under a test's hands. */
let people: People;
let answers: Record<string, DirectoryJudgement>;
let asked: string[];
/** Until when each directory was to answer. */
let deadlines: number[];
let opened: Directory[];
let closed: Directory[];
let passedMs: number;
let directories: Directories;
let checks: PasswordChecks;
let check: PasswordCheck;
beforeEach(() => {
  people = { users: new Map(), directories: [] };
  answers = {};
  asked = [];
  deadlines = [];
  opened = [];
  closed = [];
  passedMs = 0;
  directories = openDirectories((directory) => {
    opened.push(directory);
    return {
      judge: async (name, password, until) => {
        deadlines.push(until);
        asked.push(`${directory.name}: ${name} ${reveal(password)}`);
        return answers[directory.name] ?? { kind: "unknownName" };
      },
      close: () => void closed.push(directory),
    };
  });
  checks = openPasswordChecks({
    peopleOf: () => people,
    directories,
    throttle: createThrottle(() => passedMs),
    hashing: createTurnstile({ atOnce: 2, inLine: 6 }),
  });
  check = checks.of(organizationId);
});
afterEach(() => checks.close());

async function user(name: string, password: string): Promise<LocalUser> {
  const id = parseId<LocalUserId>("0198b5a0-0000-7000-8000-0000000000a1")!;
  const labels = [`${name}'s`];
  return { id, organizationId, name, passwordHash: await hashPassword(secret(password)), labels };
}

const have = (users: readonly LocalUser[], directories: readonly Directory[] = []): void => {
  people = { users: new Map(users.map((each) => [userNameKey(each.name), each])), directories };
};

function directory(name: string, change: Partial<Directory> = {}): Directory {
  return {
    id: name as DirectoryId,
    organizationId,
    name,
    type: "custom",
    hosts: ["localhost"],
    baseDn: "dc=example",
    bindDn: "cn=reader",
    bindPassword: secret("bind"),
    userFilter: "(uid=%s)",
    groupAttribute: "memberOf",
    cacerts: [],
    whenDown: "reject",
    ...change,
  };
}

test("a local user's password is right or wrong, in whatever case the name is written", async () => {
  have([await user("Ada", "enchantress")]);
  for (const name of ["Ada", "ADA", "Ada"])
    expect(await check(name, secret("enchantress"))).toEqual({ kind: "right", labels: ["Ada's"] });
  const wrong = { kind: "wrong", sentence: 'The password of local user "Ada" is wrong.' };
  expect(await check("ada", secret("guess"))).toEqual(wrong);
  expect(await check("ada", secret("enchantress"))).toMatchObject({ kind: "right" });
  expect(await check("eve", secret("enchantress"))).toEqual({ kind: "wrong", sentence: 'Nobody here is named "eve".' });
  expect(await check("ada", secret(""))).toEqual({ kind: "wrong", sentence: "The password is empty." });
});

test("a password that was right before is right no longer once it is changed, or its user deleted", async () => {
  const ada = await user("ada", "old");
  have([ada]);
  expect(await check("ada", secret("old"))).toMatchObject({ kind: "right" });
  expect(await check("ada", secret("old"))).toMatchObject({ kind: "right" });
  have([{ ...ada, passwordHash: await hashPassword(secret("new")) }]);
  expect(await check("ada", secret("old"))).toMatchObject({ kind: "wrong" });
  expect(await check("ada", secret("new"))).toMatchObject({ kind: "right" });
  have([]);
  expect(await check("ada", secret("new"))).toMatchObject({ kind: "wrong" });
});

test("what was right for one user says nothing of another with the same password, and labels are those of now", async () => {
  const [ada, bob] = [await user("ada", "same"), await user("bob", "other")];
  have([ada, bob]);
  expect(await check("ada", secret("same"))).toMatchObject({ kind: "right" });
  expect(await check("bob", secret("same"))).toMatchObject({ kind: "wrong" });
  have([{ ...ada, labels: ["new"] }]);
  expect(await check("ada", secret("same"))).toEqual({ kind: "right", labels: ["new"] });
});

test("a remembered password needs no place in line, and who finds none is unavailable, silently", async () => {
  have([await user("ada", "enchantress")]);
  expect(await check("ada", secret("enchantress"))).toMatchObject({ kind: "right" });
  const flood = Array.from({ length: 12 }, (_, i) => check(i % 2 === 0 ? "ada" : "eve", secret(`guess ${i}`)));
  expect(await check("ada", secret("enchantress"))).toMatchObject({ kind: "right" });
  const kinds = (await Promise.all(flood)).map((judgement) =>
    judgement.kind === "unavailable" ? judgement.answer : judgement.kind,
  );
  expect(new Set(kinds)).toEqual(new Set(["wrong", "silence"]));
  // Known and unknown names are turned away alike: both would have been hashed.
  expect(new Set(kinds.filter((_, i) => i % 2 === 1))).toEqual(new Set(["wrong", "silence"]));
});

test("who has waited in line for too long is turned away silently, and costs no hash", async () => {
  have([await user("ada", "enchantress")]);
  const hashing = createTurnstile({ atOnce: 1, inLine: 6 });
  const impatient = openPasswordChecks({ peopleOf: () => people, directories, hashing, patienceMs: 10 });
  const asking = [1, 2, 3].map((i) => impatient.of(organizationId)("ada", secret(`guess ${i}`)));
  const [first, ...others] = await Promise.all(asking);
  expect(first).toMatchObject({ kind: "wrong" });
  for (const other of others) expect(other).toMatchObject({ kind: "unavailable", answer: "silence" });
  impatient.close();
});

test("hashing leaves the event loop to others", async () => {
  have([await user("ada", "enchantress")]);
  let turns = 0;
  let isDone = false;
  const spin = async (): Promise<void> => {
    for (; !isDone; turns++) await sleep(1);
  };
  const spinning = spin();
  await Promise.all(Array.from({ length: 8 }, (_, i) => check("ada", secret(`guess ${i}`))));
  isDone = true;
  await spinning;
  // Eight hashes one after the other on this thread would have let none in between, or one each.
  expect(turns).toBeGreaterThan(8);
});

test("a name that is no local user's is the first directory's that knows it, and directories are not asked of local users", async () => {
  have([await user("ada", "enchantress")], [directory("one"), directory("two"), directory("three")]);
  answers = { two: { kind: "right", labels: ["staff"] }, three: { kind: "right", labels: ["other"] } };
  expect(await check("Bob", secret("pw"))).toEqual({ kind: "right", labels: ["staff"] });
  expect(asked).toEqual(["one: Bob pw", "two: Bob pw"]);
  expect(await check("ada", secret("pw"))).toMatchObject({ kind: "wrong" });
  expect(asked).toHaveLength(2);
  answers = { two: { kind: "wrong", sentence: "No." }, three: { kind: "right", labels: [] } };
  expect(await check("Bob", secret("pw"))).toEqual({ kind: "wrong", sentence: "No." });
});

test("behaviour 8.4: a directory that cannot be asked ends the search, for the name may be its user's", async () => {
  have([], [directory("one"), directory("two")]);
  answers = {
    one: { kind: "unavailable", sentence: "Down.", answer: "silence" },
    two: { kind: "right", labels: ["staff"] },
  };
  expect(await check("bob", secret("pw"))).toEqual({ kind: "unavailable", sentence: "Down.", answer: "silence" });
});

test("behaviour 8.4: all directories together have one deadline, which begins when the client comes", async () => {
  have([], [directory("one"), directory("two")]);
  const came = performance.now();
  await check("bob", secret("pw"));
  expect(deadlines).toHaveLength(2);
  expect(new Set(deadlines).size).toBe(1);
  // EAP waits for five seconds, and would then reject whatever is set.
  expect(deadlines[0]! - came).toBeGreaterThanOrEqual(4 * SECOND_MS);
  expect(deadlines[0]! - performance.now()).toBeLessThanOrEqual(4 * SECOND_MS);
});

test("behaviour 8.4: what a directory said is not remembered: it is asked each time", async () => {
  have([], [directory("one")]);
  answers = { one: { kind: "right", labels: [] } };
  expect(await check("bob", secret("pw"))).toMatchObject({ kind: "right" });
  answers = { one: { kind: "unavailable", sentence: "Down.", answer: "reject" } };
  expect(await check("bob", secret("pw"))).toMatchObject({ kind: "unavailable" });
});

test.each(["", " bob", "bob\0", "x".repeat(254)])("no directory is asked about the name %j", async (name) => {
  have([], [directory("one")]);
  answers = { one: { kind: "right", labels: [] } };
  expect(await check(name, secret("pw"))).toMatchObject({ kind: "wrong" });
  expect(asked).toEqual([]);
});

test("a directory keeps its connections while it stays the same, and loses them when it changes", async () => {
  const ask = (change: Partial<Directory>) => {
    have([], [directory("one", change)]);
    return check("bob", secret("pw"));
  };
  await ask({});
  await ask({ bindPassword: secret("bind") });
  expect([opened.length, closed.length]).toEqual([1, 0]);
  await ask({ bindPassword: secret("rotated") });
  expect([opened.length, closed.length]).toEqual([2, 1]);
  await ask({ bindPassword: secret("rotated"), hosts: ["elsewhere"] });
  expect([opened.length, closed.length]).toEqual([3, 2]);
  checks.close();
  expect(closed).toHaveLength(3);
});

test("behaviour 8.4: after ten different wrong passwords the directory is not asked of that name for a while", async () => {
  have([], [directory("one")]);
  answers = { one: { kind: "unavailable", sentence: "Down.", answer: "reject" } };
  for (let i = 0; i < 20; i++) await check("bob", secret(`asked in vain ${i}`));
  answers = { one: { kind: "wrong", sentence: "No." } };
  for (let i = 0; i < 10; i++) expect(await check("bob", secret(`guess ${i}`))).toMatchObject({ sentence: "No." });
  answers = { one: { kind: "right", labels: [] } };
  const before = asked.length;
  expect(await check("BOB", secret("right"))).toEqual({
    kind: "wrong",
    sentence: 'Too many wrong passwords came for "BOB": none is looked at for another 5 s, not even the right one.',
  });
  expect(asked).toHaveLength(before);
  passedMs += 5 * SECOND_MS;
  expect(await check("bob", secret("right"))).toMatchObject({ kind: "right" });
});

test("behaviour 8.4: after twenty wrong passwords from one client none is looked at from there, but for who was let in before", async () => {
  have([await user("ada", "enchantress"), await user("eve", "apple")]);
  expect(await check("ada", secret("enchantress"), MAC)).toMatchObject({ kind: "right" });
  for (let i = 0; i < 20; i++) await check(`name ${i}`, secret("Winter2026"), MAC);
  expect(await check("eve", secret("apple"), MAC)).toEqual({
    kind: "wrong",
    sentence:
      "Too many wrong passwords came from a4:83:e7:11:22:33: none is looked at for another 5 s, not even the right one.",
  });
  expect(await check("ada", secret("enchantress"), MAC)).toMatchObject({ kind: "right" });
  expect(await check("eve", secret("apple"), OTHER_MAC)).toMatchObject({ kind: "right" });
  passedMs += 5 * SECOND_MS;
  expect(await check("eve", secret("apple"), MAC)).toMatchObject({ kind: "right" });
});

test("behaviour 8.4: a local user's password is guarded alike, though it be remembered as right", async () => {
  have([await user("ada", "enchantress")]);
  expect(await check("ada", secret("enchantress"))).toMatchObject({ kind: "right" });
  for (let i = 0; i < 10; i++) await check("ada", secret(`guess ${i}`));
  expect(await check("ada", secret("enchantress"))).toMatchObject({ kind: "wrong" });
  passedMs += 5 * SECOND_MS;
  expect(await check("ada", secret("enchantress"))).toMatchObject({ kind: "right" });
});

test("behaviour 8.4: passwords that are held ready and sent in one instant are looked at no faster than others", async () => {
  have([], [directory("one")]);
  answers = { one: { kind: "wrong", sentence: "No." } };
  const burst = (): Promise<unknown[]> =>
    Promise.all(Array.from({ length: 70 }, (_, i) => check("bob", secret(`guess ${passedMs} ${i}`))));
  const atOnce = {
    kind: "wrong",
    sentence: 'Too many different passwords came for "bob" at once: this one was not looked at.',
  };
  expect((await burst()).filter((judgement) => isDeepStrictEqual(judgement, atOnce))).toHaveLength(60);
  expect(asked).toHaveLength(10);
  for (const pauseS of [5, 10, 20]) {
    passedMs += pauseS * SECOND_MS;
    const before = asked.length;
    expect((await burst()).filter((judgement) => isDeepStrictEqual(judgement, atOnce))).toHaveLength(69);
    expect(asked).toHaveLength(before + 1);
  }
});

test("behaviour 8.4: what nobody could judge, or what a fault of ours ended, leaves its place to others", async () => {
  have([], [directory("one")]);
  const burst = (): Promise<unknown> =>
    Promise.allSettled(Array.from({ length: 10 }, (_, i) => check("bob", secret(`guess ${i}`))));
  answers = { one: { kind: "unavailable", sentence: "Down.", answer: "reject" } };
  await burst();
  answers = {
    get one(): DirectoryJudgement {
      throw new Error("a fault of ours");
    },
  };
  await burst();
  answers = { one: { kind: "right", labels: [] } };
  expect(await check("bob", secret("right"))).toMatchObject({ kind: "right" });
});

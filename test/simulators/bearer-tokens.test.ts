import { BearerTokens } from "../../simulators/bearer-tokens.ts";

test("a token is admitted until it expires, with the scheme in any case", () => {
  let now = 1_000_000;
  const tokens = new BearerTokens(() => now);
  const token = tokens.issue(60, { sub: "client" });
  expect(tokens.admits(`Bearer ${token}`)).toBe(true);
  expect(tokens.admits(`bearer ${token}`)).toBe(true);
  now += 59_999;
  expect(tokens.admits(`Bearer ${token}`)).toBe(true);
  now += 1;
  expect(tokens.admits(`Bearer ${token}`)).toBe(false);
});

test("it has the form of a JWT and says when it ends", () => {
  const token = new BearerTokens(() => 1_000_000).issue(60, { sub: "client" });
  const payload = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Record<string, unknown>;
  expect(payload).toMatchObject({ sub: "client", nbf: 1_000, exp: 1_060 });
});

test.each([undefined, "", "Bearer", "Bearer invented", "Basic cG9ydA=="])("nothing else is admitted: %s", (header) => {
  const tokens = new BearerTokens(() => 0);
  tokens.issue(60, {});
  expect(tokens.admits(header)).toBe(false);
});

test("revoking ends all tokens at once, and none that come later", () => {
  const tokens = new BearerTokens(() => 0);
  const old = tokens.issue(60, {});
  tokens.revokeAll();
  expect(tokens.admits(`Bearer ${old}`)).toBe(false);
  expect(tokens.admits(`Bearer ${tokens.issue(60, {})}`)).toBe(true);
});

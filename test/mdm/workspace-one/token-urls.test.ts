import { tokenUrls } from "../../../mdm/workspace-one/token-urls.ts";

const region = (name: string): string => `https://${name}.uemauth.workspaceone.com/connect/token`;

describe("where tokens for an instance may come from", () => {
  test("every region is tried for a SaaS tenant, its own server last", () => {
    const urls = tokenUrls("https://as1234.awmdm.com");
    expect(urls).toEqual([...["na", "emea", "apac", "uat"].map(region), "https://as1234.awmdm.com/oauth/token"]);
  });

  test.each([
    ["https://as500.awmdm.co.uk", "emea"],
    ["https://as801.awmdm.jp", "apac"],
    ["https://cn-uat.awmdm.com", "uat"],
  ])("%s tells its region, which comes first", (url, name) => expect(tokenUrls(url)[0]).toBe(region(name)));

  test("a server of one's own comes first, Omnissa's regions after it", () => {
    const urls = tokenUrls("https://uem.campus.example.edu:8443");
    expect(urls[0]).toBe("https://uem.campus.example.edu:8443/oauth/token");
    expect(urls).toHaveLength(5);
  });

  test.each(["http://127.0.0.1:9", "https://[2001:db8::1]", "https://uem"])(
    "the secret of %s goes nowhere else",
    (url) => expect(tokenUrls(url)).toEqual([`${url}/oauth/token`]),
  );
});

import { toXml } from "../../simulators/xml.ts";

test("objects nest, lists repeat the singular of their name, and text is escaped", () => {
  const xml = toXml("Result", { Devices: [{ Name: "a<b>&c" }, { Name: "" }], Total: 2 });
  expect(xml).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><Result><Devices><Device><Name>a&lt;b&gt;&amp;c</Name></Device>' +
      "<Device><Name/></Device></Devices><Total>2</Total></Result>",
  );
});

test("a style adds lengths and names entries that are not the plural without its s", () => {
  const style = { sizes: true, entries: { criteria: "criterion" } };
  expect(toXml("group", { criteria: [{ name: "OS" }] }, style)).toContain(
    "<criteria><size>1</size><criterion><name>OS</name></criterion></criteria>",
  );
});

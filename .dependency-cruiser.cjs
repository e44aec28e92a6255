/** Floors, lowest first: a module may import from its own folder and from the floors named here, no others (docs/ARCHITECTURE.md). */
const ground = ["domain"];
const kit = [...ground, "store", "runtime"];
const floors = {
  domain: { on: [], why: "what is true of clients, accounts, verdicts and policy needs nothing but itself" },
  workflows: { on: ground, why: "workflow code is replayed: it knows its ports and the domain's types" },
  store: { on: ground, why: "SQL knows the domain, and nothing knows SQL but the store" },
  outbound: { on: ground, why: "the only way out over HTTP stands on its own" },
  mdm: { on: [...ground, "outbound"], why: "a vendor's client is a pure translation over HTTP" },
  "radius-edge/wire": { on: ground, why: "bytes and packets know no policy" },
  "radius-edge/eap": { on: ground, why: "EAP knows nothing of RADIUS" },
  runtime: { on: [...ground, "workflows/contract"], why: "what every process needs, and no process's business" },
  activities: {
    on: [...kit, "mdm", "outbound", "workflows/contract"],
    why: "ports are implemented from the floors below",
  },
  "radius-edge": {
    on: [...kit, "radius-edge/wire", "radius-edge/eap"],
    why: "the edge holds sockets and memory; no MDM and no Temporal stand in its path",
  },
  api: { on: [...kit, "mdm"], why: "REST is translation" },
  workers: { on: [...kit, "activities", "workflows/contract"], why: "a worker wires activities; workflows go by path" },
  simulators: {
    on: [...ground, "radius-edge/wire", "radius-edge/eap"],
    why: "simulators must not lean on the code that they test",
  },
  cli: {
    on: [...kit, "workflows/contract", "outbound", "mdm", "radius-edge", "api", "activities", "workers", "simulators"],
    why: "the command starts everything",
  },
};
const open = ["test", "bench"];
const folders = [...new Set([...Object.keys(floors).map((f) => f.split("/")[0]), ...open])].join("|");
const unruly = "^(?!node_modules/|dist/|(" + folders + ")/|[^/]+$)";

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "A cycle is two modules that are one: merge them, or find the third.",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unruly-folder",
      severity: "error",
      comment: "A top-level folder without a floor: give it one in .dependency-cruiser.cjs and docs/ARCHITECTURE.md.",
      from: { path: unruly },
      to: {},
    },
    ...Object.entries(floors).map(([floor, { on, why }]) => ({
      name: `floor:${floor}`,
      severity: "error",
      comment: `${why}; it stands on ${on.join(", ") || "nothing"}.`,
      from: { path: `^${floor}/`, ...(floor === "radius-edge" ? { pathNot: "^radius-edge/(wire|eap)/" } : {}) },
      to: { path: `^(${folders})/`, pathNot: [floor, ...on].map((f) => `^${f}(/|\\.ts$)`) },
    })),
    {
      name: "wire-and-eap-are-strangers",
      severity: "error",
      comment: "EAP knows nothing of RADIUS.",
      from: { path: "^radius-edge/eap/" },
      to: { path: "^radius-edge/(?!eap/)" },
    },
    {
      name: "one-door:radius",
      severity: "error",
      comment: "The radius package forges, leaks and truncates; one file knows that (radius-edge/wire/packet.ts).",
      from: { path: `^(${folders})/`, pathNot: "^(radius-edge/wire/packet\\.ts$|test/)" },
      to: { path: "node_modules/radius/" },
    },
    {
      name: "one-door:undici",
      severity: "error",
      comment: "Deadlines, size caps and the private-address guard live in outbound/.",
      from: { path: `^(${folders})/`, pathNot: "^(outbound|test)/" },
      to: { path: "node_modules/undici/" },
    },
    {
      name: "one-door:ldapts",
      severity: "error",
      comment:
        "TLS before the first word, and no connection made behind our back: radius-edge/people/directory-connection.ts.",
      from: { path: `^(${folders})/`, pathNot: "^radius-edge/people/directory-connection\\.ts$" },
      to: { path: "node_modules/ldapts/" },
    },
    {
      name: "one-door:pg",
      severity: "error",
      comment: "SQL stays in store/.",
      from: { path: `^(${folders})/`, pathNot: "^(store|test|bench|cli/embedded)/" },
      to: { path: "node_modules/(pg|kysely|pg-listen|node-pg-migrate)/" },
    },
    {
      name: "sandbox:domain",
      severity: "error",
      comment: "The domain has no packages and no Node: it runs inside the workflow sandbox.",
      from: { path: "^domain/" },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-no-pkg", "unknown"] },
    },
    {
      name: "sandbox:workflows",
      severity: "error",
      comment: "Workflow code is bundled and replayed: no Node, no packages but Temporal's.",
      from: { path: "^workflows/" },
      to: { dependencyTypes: ["core", "npm", "npm-dev"], pathNot: "node_modules/@temporalio/(workflow|common)/" },
    },
    {
      name: "production-is-not-test",
      severity: "error",
      comment: "Nothing that ships imports tests or benchmarks.",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^(test|bench)/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(dist|\\.bench|\\.portcullis)/" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs"],
      conditionNames: ["import", "require", "node", "default"],
    },
  },
};

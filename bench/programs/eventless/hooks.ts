import type { ResolveHook } from "node:module";

const NO_RECORD = new URL("record-keeping.js", import.meta.url).href;

/** https://nodejs.org/api/module.html#resolvespecifier-context-nextresolve */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context);
  return resolved.url.endsWith("/dist/radius-edge/record-keeping.js") ? { ...resolved, url: NO_RECORD } : resolved;
};

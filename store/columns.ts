/** The types of columns under one name, since that is what kysely-codegen can import (database.codegen.json). */
export type * as columns from "./column-types.ts";

import { Type } from "typebox";

const known = (description: string) => Type.Optional(Type.String({ description }));

export const NasProfile = Type.Object(
  {
    name: Type.String({ description: "`profile` of a NAS" }),
    title: Type.String(),
    nas_vendor: known("as rules match it"),
    coa_port: Type.Integer({ description: "where this kind listens unless told otherwise" }),
    minimum_firmware: known("the oldest that its vendor documents to take CoA so, or `not documented`"),
    switch_on: Type.String({ description: "what must be switched on at the NAS" }),
    limits: known("what this kind does not take, or only so"),
    coa_steps: Type.Array(Type.Enum(["reauthenticate", "disconnect"]), {
      description: "gentlest first; none: CoA cannot move its clients",
    }),
    source: Type.String({ description: "where all this is written" }),
  },
  { $id: "NasProfile" },
);

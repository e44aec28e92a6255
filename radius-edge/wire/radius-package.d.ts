/** The few functions of the `radius` package that wire/packet.ts uses: an attribute codec that is given no secret. */
declare module "radius" {
  type Pair = readonly [nameOrType: string | number, value: string | Buffer];

  interface RadiusPackage {
    load_dictionaries(): void;
    attr_name_to_id(name: string): string | undefined;
    attr_id_to_name(type: number): string | undefined;
    encode(packet: {
      code: string;
      identifier: number;
      authenticator: Buffer;
      secret: string;
      add_message_authenticator: false;
      attributes: readonly Pair[];
    }): Buffer;
    decode_without_secret(packet: { packet: Buffer }): {
      raw_attributes: [number, Buffer][];
      attributes: Record<string, unknown>;
    };
  }

  const radius: RadiusPackage;
  export = radius;
}

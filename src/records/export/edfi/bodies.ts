/** The bodies of one resource, and what could not be told in it. */
export interface EdFiBodies {
  readonly bodies: AsyncIterable<object>;
  readonly leftOut: Readonly<Record<string, number>>;
}

/** What a model says of a person: never certified, and named by the model that says it. */
export interface RiskFlag {
  readonly personId: string;
  /** In [0, 1]; null when too little is known of the person to say. */
  readonly probability: number | null;
  readonly modelId: string;
  /** The day up to which the model knew the record, YYYY-MM-DD. */
  readonly asOf: string;
}

/** A descriptor of the namespace Ed-Fi publishes. */
export function descriptor(kind: string, code: string): string {
  return `uri://ed-fi.org/${kind}Descriptor#${code}`;
}

/** What fits into a field of so many characters: whole, or cut at its end. */
export function fitting(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length);
}

/** The object without its empty fields: the API takes an absent field, not a null one. */
export function present(body: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(body).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

/** The namespace of identifiers that an Ed-Fi system did not give itself. */
export const ownNamespace = "uri://cairn";

/** The parts of an id that came from Ed-Fi (`assessments/<namespace>/<identifier>`), else undefined. */
export function edFiKey(sourceRecordId: string, resource: string): string[] | undefined {
  const [head, ...parts] = sourceRecordId.split("/");
  return head === resource ? parts.map((part) => part.replaceAll("%2F", "/")) : undefined;
}

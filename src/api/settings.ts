import type { z } from "zod";
import type { ServiceSettings } from "../configuration.ts";
import { serviceOf, serviceVariables } from "../configuration.ts";
import { CairnError } from "../errors.ts";

export type { ServiceSettings } from "../configuration.ts";

/**
 * What may be said of the service, as text: `cairn serve` takes each from a flag or from the environment, by these names. The
 * environment's are checked with all others at the start (see `readConfiguration`); here come those that a flag replaced.
 */
export type ServiceTexts = Readonly<Partial<Record<keyof z.input<typeof serviceVariables>, string | undefined>>>;

/**
 * Checks the settings of the service; an empty text is none; every fault is listed at once, without its value.
 * @throws CairnError `BAD_CONFIGURATION`
 */
export function readServiceSettings(texts: ServiceTexts): ServiceSettings {
  const parsed = serviceVariables.safeParse(
    Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== "")),
  );
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new CairnError("BAD_CONFIGURATION", `expected valid settings of the service, got ${faults.join("; ")}`, {
      hint: "see docs/service.md for every setting and its form",
      details: { faults },
    });
  }
  return serviceOf(parsed.data);
}

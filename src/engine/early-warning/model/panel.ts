import { CairnError } from "../../../errors.ts";
import type { Tensors } from "../../../models/artifact.ts";
import type { Estimator, FittedModel } from "../../../models/estimator.ts";
import { nestedTensors, nestTensors } from "../../../models/off-track/calibration/nested.ts";
import { loadModel } from "../../registry/models.ts";
import type { Cairn } from "../../runtime.ts";
import type { OutcomeDefinition } from "../outcomes/definition.ts";
import { readDefinition } from "../outcomes/definition.ts";
import type { FittedRiskModel } from "./risk-model.ts";
import { decodeRiskModel } from "./risk-model.ts";

/** A model of one outcome for one grade band; null stands for every band that has none of its own. */
export interface BandModel {
  readonly band: string | null;
  readonly model: FittedRiskModel;
}

/** Everything that was learned about one outcome. */
export interface OutcomeModels {
  readonly definition: OutcomeDefinition;
  /** At least one; the one of all bands first. */
  readonly bands: readonly BandModel[];
}

/** What a night scores with: every outcome of the district, grade band by grade band, as one model of the registry. */
export interface RiskPanel extends FittedModel {
  /** The first is the one the district ranks by. */
  readonly outcomes: readonly OutcomeModels[];
  /** The grade band of each peer group of the day it was trained for. */
  readonly bandOfPeers: Readonly<Record<string, string>>;
}

/** The kind of a {@link RiskPanel} in the registry. */
export const PANEL_KIND = "early-warning/panel";

/** Puts a panel together. */
export function riskPanel(
  outcomes: readonly OutcomeModels[],
  bandOfPeers: Readonly<Record<string, string>>,
): RiskPanel {
  return {
    kind: PANEL_KIND,
    outcomes,
    bandOfPeers,
    encode: () =>
      nestTensors(
        {
          kind: PANEL_KIND,
          outcomes: JSON.stringify(
            outcomes.map(({ definition, bands }) => ({ definition, bands: bands.map(({ band }) => band) })),
          ),
          bandOfPeers: JSON.stringify(bandOfPeers),
        },
        Object.fromEntries(
          outcomes.flatMap(({ bands }, outcome) =>
            bands.map(({ model }, band) => [partName(outcome, band), model.encode()] as const),
          ),
        ),
      ),
  };
}

const partName = (outcome: number, band: number): string => `outcome${outcome}-band${band}`;

/** The model for a learner of a peer group: that of the group's grade band, else that of all. */
export function modelFor({ bands }: OutcomeModels, band: string | undefined): FittedRiskModel {
  const own = bands.find((one) => one.band !== null && one.band === band) ?? bands.find((one) => one.band === null);
  if (own === undefined) throw new CairnError("INTERNAL", "expected a model of all grade bands, got none");
  return own.model;
}

/**
 * Loads a panel from the registry.
 * @throws CairnError `NOT_FOUND`, `ARTIFACT_CORRUPT`, `CONFLICT` for a model of another kind
 */
export function loadRiskPanel(cairn: Cairn, tenantId: string, modelId: string): Promise<RiskPanel> {
  return loadModel<RiskPanel>(cairn, tenantId, modelId, [panelRecipe]);
}

/** What reads a panel back. It is fitted outcome by outcome, so there is nothing here to fit. */
const panelRecipe: Pick<Estimator<never, RiskPanel>, "kind" | "decode"> = { kind: PANEL_KIND, decode: decodePanel };

function decodePanel(tensors: Tensors): RiskPanel {
  try {
    const stored = JSON.parse(tensors.metadata.outcomes ?? "") as { definition: unknown; bands: (string | null)[] }[];
    const outcomes = stored.map(
      ({ definition, bands }, outcome): OutcomeModels => ({
        definition: readDefinition(definition),
        bands: bands.map((band, index) => ({
          band,
          model: decodeRiskModel(nestedTensors(tensors, partName(outcome, index))),
        })),
      }),
    );
    return riskPanel(outcomes, JSON.parse(tensors.metadata.bandOfPeers ?? "{}") as Record<string, string>);
  } catch (cause) {
    if (cause instanceof CairnError && cause.code === "ARTIFACT_CORRUPT") throw cause;
    throw new CairnError("ARTIFACT_CORRUPT", "expected the outcomes of a risk panel, got something else", {
      hint: "train again: the damaged file is replaced",
      cause,
    });
  }
}

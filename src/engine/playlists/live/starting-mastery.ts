import { GUESS, LEARN, PARAMETERS, PRIOR, SLIP } from "../../../models/mastery/chain.ts";
import type { FittedMastery } from "../../../models/mastery/fitted-mastery.ts";
import { fittedMastery } from "../../../models/mastery/fitted-mastery.ts";
import type { Curriculum } from "../curriculum.ts";

// ALOSI's defaults (recommenders handbook 2.6): prior .2, transit .1, guess .1, slip .15.
const start = { prior: 0.2, learn: 0.1, guess: 0.1, slip: 0.15 };

/** The mastery model of a district before its first run: the same published start values for every standard, and said so. */
export function startingMastery({ standards }: Curriculum): FittedMastery {
  const { length } = standards;
  const parameters = new Float64Array(length * PARAMETERS);
  for (let offset = 0; offset < parameters.length; offset += PARAMETERS) {
    parameters[offset + PRIOR] = start.prior;
    parameters[offset + LEARN] = start.learn;
    parameters[offset + GUESS] = start.guess;
    parameters[offset + SLIP] = start.slip;
  }
  return fittedMastery("mastery/start-values", {
    skills: standards.map(({ standard }) => standard),
    parameters,
    responses: new Int32Array(length).fill(1), // 0 would say that the standard is unknown
    iterations: new Int32Array(length),
    converged: new Uint8Array(length),
    overall: 0.5,
  });
}

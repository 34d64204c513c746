import { CairnError } from "../../../errors.ts";
import type { Random } from "../../../numeric/random.ts";

/**
 * Draws a lot within each stratum: of n units, n × share are treated. Where that is no whole number, one more or less is, so that the
 * count over all strata is within one of what was planned and every unit has the planned chance.
 * @param stratum - shape (units), any codes; one code for a lot among all
 * @param share - to be treated, in (0, 1)
 * @returns shape (units), 1 for treatment
 * @throws CairnError `BAD_INPUT` for a share outside (0, 1), or fewer than two units
 * @see Imbens and Rubin (2015), Causal Inference, chapter 4; systematic rounding: Madow (1949), Annals of Mathematical Statistics 20
 */
export function drawLots(stratum: ArrayLike<number>, share: number, rng: Random): Uint8Array {
  checkLot(stratum.length, share);
  const members = new Map<number, number[]>();
  for (let unit = 0; unit < stratum.length; unit++) {
    const own = members.get(stratum[unit]!);
    if (own === undefined) members.set(stratum[unit]!, [unit]);
    else own.push(unit);
  }
  const treated = new Uint8Array(stratum.length);
  // One start for all strata: fractions add up until they cross a whole number, and that stratum gets one more.
  let before = rng.next();
  for (const units of shuffled([...members.values()], rng)) {
    const after = before + units.length * share;
    const count = Math.floor(after) - Math.floor(before);
    for (const unit of shuffled(units, rng).slice(0, count)) treated[unit] = 1;
    before = after;
  }
  return treated;
}

/**
 * Minimisation: units come in random order, and each is likelier to join the arm that leaves the factors' values more even between the
 * arms. Analyse it with the factors as covariates.
 * @param factors - each of shape (units), codes
 * @param certainty - chance of the better arm, in (.5, 1); below 1, or the next arm could be foreseen. Default .8
 * @throws CairnError `BAD_INPUT` as {@link drawLots}, or for a certainty outside (.5, 1)
 * @see Pocock and Simon (1975), Biometrics 31(1), range method with equal weights; the whole sample counts as one more factor
 */
export function minimize(
  factors: readonly ArrayLike<number>[],
  units: number,
  share: number,
  rng: Random,
  certainty = 0.8,
): Uint8Array {
  checkLot(units, share);
  if (!(certainty > 0.5 && certainty < 1)) {
    throw new CairnError("BAD_INPUT", `expected a certainty between .5 and 1, got ${certainty}`, { hint: "take .8" });
  }
  const treated = new Uint8Array(units);
  // How far each value of each factor, and the whole, is from its planned share: Σ (arm − share) over those who joined.
  const excess = [...factors, null].map(() => new Map<number, number>());
  const order = shuffled(
    Array.from({ length: units }, (_, unit) => unit),
    rng,
  );
  for (const unit of order) {
    const values = [...factors.map((factor) => factor[unit]!), 0];
    const leaning = (arm: 0 | 1): number =>
      values.reduce((sum, value, k) => sum + Math.abs((excess[k]!.get(value) ?? 0) + arm - share), 0);
    const gap = leaning(1) - leaning(0);
    // With unequal shares a fixed .8 would pull towards halves: the chances average to the share over the two leanings.
    const strength = (certainty - 0.5) * 2 * Math.min(share, 1 - share);
    const chance = Math.abs(gap) < 1e-9 ? share : gap < 0 ? share + strength : share - strength;
    const arm = rng.next() < chance ? 1 : 0;
    treated[unit] = arm;
    values.forEach((value, k) => {
      excess[k]!.set(value, (excess[k]!.get(value) ?? 0) + arm - share);
    });
  }
  return treated;
}

function checkLot(units: number, share: number): void {
  if (!(share > 0 && share < 1)) {
    throw new CairnError("BAD_INPUT", `expected a share between 0 and 1, got ${share}`, { hint: "take .5 for halves" });
  }
  if (units < 2) {
    throw new CairnError("BAD_INPUT", `expected two units or more, got ${units}`, {
      hint: "one unit cannot be compared with itself",
    });
  }
}

/** Fisher and Yates; the given list stays as it is. */
function shuffled<T>(list: readonly T[], rng: Random): T[] {
  const copy = [...list];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = rng.integer(last + 1);
    [copy[last], copy[other]] = [copy[other]!, copy[last]!];
  }
  return copy;
}

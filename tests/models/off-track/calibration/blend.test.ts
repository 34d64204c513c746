import { expect, test } from "vitest";
import { baseRate } from "../../../../src/models/off-track/base-rate.ts";
import { boostedTrees } from "../../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { blend } from "../../../../src/models/off-track/calibration/blend.ts";
import { logistic } from "../../../../src/models/off-track/logistic.ts";
import { logit } from "../../../../src/numeric/log-odds.ts";
import {
  classifierData,
  describeClassifierContract,
  probabilitiesOf,
  reasonsOf,
} from "../../../contracts/classifier-contract.ts";
import { codeOf, contextOf } from "../../../contracts/estimator-contract.ts";

const recipe = () => blend({ logistic: logistic(), trees: boostedTrees({ trees: 20 }) });
describeClassifierContract("a blend of logistic and trees", recipe);

test("log-odds and reasons are the means of the models'", () => {
  const data = classifierData();
  const models = [logistic(), boostedTrees({ trees: 20 })].map((own) => own.fit(data, contextOf(1)));
  const whole = recipe().fit(data, contextOf(1));
  const p = models.map((model) => probabilitiesOf(model, data.matrix));
  const reasons = models.map((model) => reasonsOf(model, data.matrix));
  probabilitiesOf(whole, data.matrix).forEach((probability, row) => {
    expect(logit(probability)).toBeCloseTo((logit(p[0]![row]!) + logit(p[1]![row]!)) / 2, 9);
  });
  reasonsOf(whole, data.matrix).forEach((reason, at) => {
    expect(reason).toBeCloseTo((reasons[0]![at]! + reasons[1]![at]!) / 2, 9);
  });
});

test("a model that reads nothing takes half of every reason, and no recipe is refused", () => {
  const data = classifierData();
  const half = blend({ baseRate: baseRate(), logistic: logistic() }).fit(data, contextOf(1));
  const own = reasonsOf(logistic().fit(data, contextOf(1)), data.matrix);
  expect(reasonsOf(half, data.matrix)[0]).toBeCloseTo(own[0]! / 2, 12);
  expect(codeOf(() => blend({}))).toBe("BAD_INPUT");
});

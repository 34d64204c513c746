import { baseRate } from "../../../src/models/off-track/base-rate.ts";
import { logistic } from "../../../src/models/off-track/logistic.ts";
import { rule } from "../../../src/models/off-track/rule.ts";
import { describeClassifierContract } from "../../contracts/classifier-contract.ts";

describeClassifierContract("base rate", baseRate);
describeClassifierContract("logistic", () => logistic());
describeClassifierContract("logistic without rare categories", () =>
  logistic({ penalty: 0.5, minimumCategoryRows: 1 }),
);
describeClassifierContract(
  "rule",
  () =>
    rule({
      criteria: [
        { feature: "first", operator: ">=", threshold: 1, level: "at-risk", group: "attendance" },
        { feature: "second", operator: "<", threshold: 45, level: "early-warning", group: "course" },
      ],
    }),
  { namesItsColumns: true },
);

import { boostedTrees } from "../../../src/models/off-track/boosted-trees/boosted-trees.ts";
import { describeClassifierContract } from "../../contracts/classifier-contract.ts";

describeClassifierContract("boosted trees", () => boostedTrees({ trees: 30 }));
describeClassifierContract("boosted trees, drawn rows and columns", () =>
  boostedTrees({ trees: 30, rowShare: 0.7, columnShare: 0.6, minimumLeafRows: 5, minimumCategoryRows: 1 }),
);
describeClassifierContract(
  "boosted trees, constrained",
  () => boostedTrees({ trees: 30, increasing: ["first"], decreasing: ["second"] }),
  { namesItsColumns: true },
);

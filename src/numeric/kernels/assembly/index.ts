// Everything the host may call: one file per kernel, compiled together by scripts/build-kernels.mjs.
export { addNormalEquations } from "./normal-equations";

/** The first byte the host may use: everything below belongs to the module. */
export function heapBase(): usize {
  return __heap_base;
}
export { sortDoubles, writeBins } from "./binning";
export { writeGradientCells } from "./histogram";
export { addLeafValue, copyRows, interleaveColumns, partitionPart, partitionRows } from "./partition";
export { searchQuads } from "./search-quads";
export { addTreesToRows } from "./trees";
export { improveRowsByConjugateGradients } from "./conjugate-gradients";
export {
  factorAndSolve,
  formSystem,
  gramOfPart,
  solveFactored,
  solveRowsByCholesky,
  sumGrams,
} from "./implicit-als";
export { addShapleyToRows } from "./shapley";
export { addGrid, addShapes, logLossOf, stepGrid, stepShape, strengthOfGrid, sumGrid } from "./additive";

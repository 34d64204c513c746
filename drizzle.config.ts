import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/records/schema/index.ts",
  out: "./src/records/migrations",
});

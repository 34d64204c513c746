CREATE TABLE "counselor_caseload" (
	"tenant_id" text NOT NULL,
	"caseload_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "counselor_caseload_caseload_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" text NOT NULL,
	"rule" jsonb NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outcome_definition" (
	"tenant_id" text NOT NULL,
	"outcome" text NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"active" boolean NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	CONSTRAINT "outcome_definition_tenant_id_outcome_version_pk" PRIMARY KEY("tenant_id","outcome","version")
);
--> statement-breakpoint
CREATE TABLE "outcome_score" (
	"tenant_id" text NOT NULL,
	"run_id" text NOT NULL,
	"pseudonym" text NOT NULL,
	"partition" integer NOT NULL,
	"probability" double precision,
	"low" double precision,
	"high" double precision,
	"reasons" jsonb NOT NULL,
	"strengths" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"coverage" double precision,
	"abstained" text,
	"outcome" text NOT NULL,
	CONSTRAINT "outcome_score_tenant_id_run_id_outcome_pseudonym_pk" PRIMARY KEY("tenant_id","run_id","outcome","pseudonym")
);
--> statement-breakpoint
ALTER TABLE "risk_score" ADD COLUMN "low" double precision;--> statement-breakpoint
ALTER TABLE "risk_score" ADD COLUMN "high" double precision;--> statement-breakpoint
ALTER TABLE "risk_score" ADD COLUMN "strengths" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "risk_score" ADD COLUMN "thriving" jsonb;--> statement-breakpoint
CREATE INDEX "counselor_caseload_person" ON "counselor_caseload" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "outcome_score_ranking" ON "outcome_score" USING btree ("tenant_id","run_id","outcome","probability");
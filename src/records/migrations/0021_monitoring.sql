CREATE TABLE "model_decision" (
	"tenant_id" text NOT NULL,
	"proposal_id" text NOT NULL,
	"decision" text NOT NULL,
	"reason" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	CONSTRAINT "model_decision_tenant_id_proposal_id_pk" PRIMARY KEY("tenant_id","proposal_id")
);
--> statement-breakpoint
CREATE TABLE "model_proposal" (
	"tenant_id" text NOT NULL,
	"proposal_id" text NOT NULL,
	"purpose" text NOT NULL,
	"champion" text NOT NULL,
	"challenger" text NOT NULL,
	"comparison" jsonb NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "model_proposal_tenant_id_proposal_id_pk" PRIMARY KEY("tenant_id","proposal_id")
);
--> statement-breakpoint
CREATE TABLE "monitoring_report" (
	"tenant_id" text NOT NULL,
	"report_id" text NOT NULL,
	"as_of" date NOT NULL,
	"report" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "monitoring_report_tenant_id_report_id_pk" PRIMARY KEY("tenant_id","report_id")
);
--> statement-breakpoint
CREATE INDEX "monitoring_report_latest" ON "monitoring_report" USING btree ("tenant_id","created_at");
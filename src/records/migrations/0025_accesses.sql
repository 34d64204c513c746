CREATE TABLE "learner_access" (
	"tenant_id" text NOT NULL,
	"access_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"credential" text,
	"reader_id" text,
	"role" text NOT NULL,
	"route" text NOT NULL,
	"purpose" text NOT NULL,
	"outcome" text NOT NULL,
	"learners" integer,
	"run_id" text,
	"request_id" text NOT NULL,
	CONSTRAINT "learner_access_tenant_id_access_id_pk" PRIMARY KEY("tenant_id","access_id")
);
--> statement-breakpoint
CREATE TABLE "learner_accessed" (
	"tenant_id" text NOT NULL,
	"person_id" text NOT NULL,
	"access_id" text NOT NULL,
	CONSTRAINT "learner_accessed_tenant_id_person_id_access_id_pk" PRIMARY KEY("tenant_id","person_id","access_id")
);
--> statement-breakpoint
CREATE INDEX "learner_access_latest" ON "learner_access" USING btree ("tenant_id","at");
CREATE TABLE "idempotent_request" (
	"tenant_id" text NOT NULL,
	"lookup" text NOT NULL,
	"route" text NOT NULL,
	"fingerprint" text NOT NULL,
	"status" integer,
	"answer" "bytea",
	"is_withheld" boolean DEFAULT false NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotent_request_tenant_id_lookup_pk" PRIMARY KEY("tenant_id","lookup")
);
--> statement-breakpoint
CREATE INDEX "idempotent_request_age" ON "idempotent_request" USING btree ("tenant_id","started_at");
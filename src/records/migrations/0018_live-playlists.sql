CREATE TABLE "learner_standing" (
	"tenant_id" text NOT NULL,
	"person_id" text NOT NULL,
	"version" integer NOT NULL,
	"model_id" text NOT NULL,
	"state" jsonb NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "learner_standing_tenant_id_person_id_pk" PRIMARY KEY("tenant_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "playlist_decision" (
	"tenant_id" text NOT NULL,
	"decision_id" text NOT NULL,
	"person_id" text NOT NULL,
	"policy" text NOT NULL,
	"run_id" text NOT NULL,
	"standing_version" integer NOT NULL,
	"minutes" integer NOT NULL,
	"seed" text NOT NULL,
	"places" jsonb NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	CONSTRAINT "playlist_decision_tenant_id_decision_id_pk" PRIMARY KEY("tenant_id","decision_id")
);
--> statement-breakpoint
CREATE TABLE "playlist_override" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "playlist_override_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"modified_on" date,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"kind" text NOT NULL,
	"activity" text,
	"standard" text,
	"position" integer,
	"reason" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"ends_on" date
);
--> statement-breakpoint
CREATE TABLE "standing_change" (
	"tenant_id" text NOT NULL,
	"change_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "standing_change_change_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "playlist_decision_person" ON "playlist_decision" USING btree ("tenant_id","person_id","decided_at");--> statement-breakpoint
CREATE INDEX "playlist_override_versions" ON "playlist_override" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "playlist_override_person" ON "playlist_override" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "standing_change_person" ON "standing_change" USING btree ("tenant_id","person_id");
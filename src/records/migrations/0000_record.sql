CREATE TABLE "model" (
	"tenant_id" text NOT NULL,
	"model_id" text NOT NULL,
	"kind" text NOT NULL,
	"purpose" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"metrics" jsonb NOT NULL,
	"lineage" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "model_tenant_id_model_id_pk" PRIMARY KEY("tenant_id","model_id")
);
--> statement-breakpoint
CREATE TABLE "playlist_entry" (
	"tenant_id" text NOT NULL,
	"run_id" text NOT NULL,
	"pseudonym" text NOT NULL,
	"position" integer NOT NULL,
	"activity" text NOT NULL,
	"score" double precision NOT NULL,
	"reasons" jsonb NOT NULL,
	CONSTRAINT "playlist_entry_tenant_id_run_id_pseudonym_position_pk" PRIMARY KEY("tenant_id","run_id","pseudonym","position")
);
--> statement-breakpoint
CREATE TABLE "risk_score" (
	"tenant_id" text NOT NULL,
	"run_id" text NOT NULL,
	"pseudonym" text NOT NULL,
	"partition" integer NOT NULL,
	"probability" double precision,
	"reasons" jsonb NOT NULL,
	"coverage" double precision,
	"abstained" text,
	CONSTRAINT "risk_score_tenant_id_run_id_pseudonym_pk" PRIMARY KEY("tenant_id","run_id","pseudonym")
);
--> statement-breakpoint
CREATE TABLE "scored_partition" (
	"tenant_id" text NOT NULL,
	"run_id" text NOT NULL,
	"kind" text NOT NULL,
	"partition" integer NOT NULL,
	"rows" integer NOT NULL,
	"finished_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "scored_partition_tenant_id_run_id_kind_partition_pk" PRIMARY KEY("tenant_id","run_id","kind","partition")
);
--> statement-breakpoint
CREATE TABLE "scoring_run" (
	"tenant_id" text NOT NULL,
	"run_id" text NOT NULL,
	"kind" text NOT NULL,
	"as_of" date NOT NULL,
	"snapshot_ids" jsonb NOT NULL,
	"model_ids" jsonb NOT NULL,
	"status" text NOT NULL,
	"partitions" integer NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	CONSTRAINT "scoring_run_tenant_id_run_id_pk" PRIMARY KEY("tenant_id","run_id")
);
--> statement-breakpoint
CREATE TABLE "snapshot" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"purpose" text NOT NULL,
	"as_of" date NOT NULL,
	"manifest" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "snapshot_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "activity" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "activity_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"activity" text NOT NULL,
	"title" text,
	"standard" text,
	"modality" text,
	"minutes" integer,
	"difficulty" double precision
);
--> statement-breakpoint
CREATE TABLE "activity_event" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "activity_event_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"activity" text,
	"verb" text NOT NULL,
	"kind" text,
	"at" timestamp NOT NULL,
	"seconds" double precision,
	"clicks" integer,
	"sensor" text
);
--> statement-breakpoint
CREATE TABLE "attendance_event" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "attendance_event_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"on_date" date NOT NULL,
	"category" text NOT NULL,
	"category_raw" text,
	"excused" boolean,
	"reason_raw" text
);
--> statement-breakpoint
CREATE TABLE "behavior_incident" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "behavior_incident_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"incident" text NOT NULL,
	"person_id" text NOT NULL,
	"on_date" date NOT NULL,
	"severity" text NOT NULL,
	"severity_raw" text,
	"participation" text NOT NULL,
	"action" text
);
--> statement-breakpoint
CREATE TABLE "item_response" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "item_response_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"item" text NOT NULL,
	"standard" text,
	"answered_at" timestamp NOT NULL,
	"correct" double precision,
	"attempts" integer,
	"hints" integer,
	"seconds" double precision
);
--> statement-breakpoint
CREATE TABLE "prerequisite" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "prerequisite_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"standard" text NOT NULL,
	"requires" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "standard" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "standard_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"standard" text NOT NULL,
	"label" text,
	"subject" text,
	"grade" text
);
--> statement-breakpoint
CREATE TABLE "survey_answer" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "survey_answer_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"on_date" date NOT NULL,
	"instrument" text NOT NULL,
	"scale" text NOT NULL,
	"item" text NOT NULL,
	"answer" double precision
);
--> statement-breakpoint
CREATE TABLE "consent_decision" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "consent_decision_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"purpose" text NOT NULL,
	"decision" text NOT NULL,
	"decided_on" date NOT NULL,
	"decided_by" text
);
--> statement-breakpoint
CREATE TABLE "demographics" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "demographics_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"birth_date" date,
	"sex" text,
	"american_indian_or_alaska_native" boolean,
	"asian" boolean,
	"black_or_african_american" boolean,
	"native_hawaiian_or_other_pacific_islander" boolean,
	"white" boolean,
	"two_or_more_races" boolean,
	"hispanic_or_latino" boolean
);
--> statement-breakpoint
CREATE TABLE "identifier" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "identifier_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"system" text NOT NULL,
	"value" text NOT NULL,
	"person_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "person" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "person_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"given_name" text,
	"family_name" text,
	"preferred_given_name" text,
	"preferred_family_name" text,
	"username" text,
	"email" text,
	"grade" text,
	"grade_raw" text,
	"enabled" boolean
);
--> statement-breakpoint
CREATE TABLE "person_role" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "person_role_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"org_key" text,
	"role" text NOT NULL,
	"role_raw" text,
	"primary_role" boolean,
	"begins_on" date,
	"ends_on" date
);
--> statement-breakpoint
CREATE TABLE "pseudonym" (
	"tenant_id" text NOT NULL,
	"purpose" text NOT NULL,
	"person_id" text NOT NULL,
	"code" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pseudonym_tenant_id_purpose_person_id_pk" PRIMARY KEY("tenant_id","purpose","person_id")
);
--> statement-breakpoint
CREATE TABLE "assignment" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "assignment_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"title" text,
	"kind" text NOT NULL,
	"category" text,
	"section_key" text NOT NULL,
	"term_key" text,
	"assigned_on" date,
	"due_on" date,
	"weight" double precision,
	"score_minimum" double precision,
	"score_maximum" double precision
);
--> statement-breakpoint
CREATE TABLE "calendar_day" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "calendar_day_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"org_key" text NOT NULL,
	"on_date" date NOT NULL,
	"event" text NOT NULL,
	"instructional" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "course" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "course_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"title" text,
	"code" text,
	"subjects" text[],
	"subject_codes" text[],
	"grades" text[],
	"org_key" text
);
--> statement-breakpoint
CREATE TABLE "enrolment" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "enrolment_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"org_key" text,
	"period" text NOT NULL,
	"starts_on" date NOT NULL,
	"ends_on" date,
	"grade" text,
	"entered_on" date,
	"exited_on" date,
	"exit_kind" text,
	"entry_known_on" date,
	"exit_known_on" date
);
--> statement-breakpoint
CREATE TABLE "org" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "org_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"name" text,
	"kind" text,
	"identifier" text,
	"parent_key" text
);
--> statement-breakpoint
CREATE TABLE "result" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "result_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"assignment_key" text NOT NULL,
	"status" text,
	"status_raw" text,
	"score" double precision,
	"text_score" text,
	"scored_on" date,
	"late" boolean,
	"missing" boolean,
	"incomplete" boolean
);
--> statement-breakpoint
CREATE TABLE "section" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "section_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"title" text,
	"code" text,
	"kind" text,
	"course_key" text,
	"org_key" text,
	"term_keys" text[],
	"grades" text[],
	"subjects" text[]
);
--> statement-breakpoint
CREATE TABLE "section_enrolment" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "section_enrolment_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"person_id" text NOT NULL,
	"section_key" text NOT NULL,
	"org_key" text,
	"role" text NOT NULL,
	"entered_on" date,
	"exited_on" date,
	"exit_kind" text,
	"entry_known_on" date,
	"exit_known_on" date
);
--> statement-breakpoint
CREATE TABLE "standard_result" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "standard_result_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"result_key" text NOT NULL,
	"source" text,
	"standard" text NOT NULL,
	"score" double precision,
	"text_score" text
);
--> statement-breakpoint
CREATE TABLE "term" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "term_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_key" text NOT NULL,
	"content_hash" text NOT NULL,
	"class" text NOT NULL,
	"authority" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_record_id" text NOT NULL,
	"known_on" date NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"valid_from" date,
	"valid_to" date,
	"supersedes" bigint,
	"retracted_at" timestamp with time zone,
	"title" text,
	"kind" text,
	"starts_on" date,
	"ends_on" date,
	"parent_key" text,
	"school_year" integer
);
--> statement-breakpoint
CREATE TABLE "api_key" (
	"tenant_id" text NOT NULL,
	"key_hash" text NOT NULL,
	"role" text NOT NULL,
	"label" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_key_tenant_id_key_hash_pk" PRIMARY KEY("tenant_id","key_hash"),
	CONSTRAINT "api_key_key_hash_unique" UNIQUE("key_hash")
);
--> statement-breakpoint
CREATE TABLE "import_batch" (
	"tenant_id" text NOT NULL,
	"batch_id" text NOT NULL,
	"source_system" jsonb NOT NULL,
	"standard" text NOT NULL,
	"standard_version" text NOT NULL,
	"transport" text NOT NULL,
	"sha256" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"importer_version" text NOT NULL,
	"counts" jsonb NOT NULL,
	"report" jsonb NOT NULL,
	CONSTRAINT "import_batch_tenant_id_batch_id_pk" PRIMARY KEY("tenant_id","batch_id")
);
--> statement-breakpoint
CREATE TABLE "import_refusal" (
	"tenant_id" text NOT NULL,
	"batch_id" text NOT NULL,
	"position" integer NOT NULL,
	"file" text NOT NULL,
	"line" integer NOT NULL,
	"column" text,
	"code" text NOT NULL,
	"reason" text NOT NULL,
	"raw" text NOT NULL,
	CONSTRAINT "import_refusal_tenant_id_batch_id_position_pk" PRIMARY KEY("tenant_id","batch_id","position")
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "import_batch" ADD CONSTRAINT "import_batch_tenant_id_tenant_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "risk_score_ranking" ON "risk_score" USING btree ("tenant_id","run_id","probability");--> statement-breakpoint
CREATE INDEX "scoring_run_latest" ON "scoring_run" USING btree ("tenant_id","kind","published_at");--> statement-breakpoint
CREATE INDEX "activity_versions" ON "activity" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "activity_event_versions" ON "activity_event" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "attendance_event_versions" ON "attendance_event" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "behavior_incident_versions" ON "behavior_incident" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "item_response_versions" ON "item_response" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "prerequisite_versions" ON "prerequisite" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "standard_versions" ON "standard" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "survey_answer_versions" ON "survey_answer" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "consent_decision_versions" ON "consent_decision" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "consent_person" ON "consent_decision" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "demographics_versions" ON "demographics" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "identifier_versions" ON "identifier" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "identifier_value" ON "identifier" USING btree ("tenant_id","system","value");--> statement-breakpoint
CREATE INDEX "identifier_person" ON "identifier" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "person_versions" ON "person" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "person_by_id" ON "person" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "person_role_versions" ON "person_role" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "person_role_person" ON "person_role" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "pseudonym_code" ON "pseudonym" USING btree ("tenant_id","code");--> statement-breakpoint
CREATE INDEX "assignment_versions" ON "assignment" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "calendar_day_versions" ON "calendar_day" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "course_versions" ON "course" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "enrolment_versions" ON "enrolment" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "enrolment_person" ON "enrolment" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "org_versions" ON "org" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "result_versions" ON "result" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "section_versions" ON "section" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "section_enrolment_versions" ON "section_enrolment" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "section_enrolment_person" ON "section_enrolment" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "standard_result_versions" ON "standard_result" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "term_versions" ON "term" USING btree ("tenant_id","record_key","known_on","version_id");
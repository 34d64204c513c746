CREATE TABLE "access_request" (
	"tenant_id" text NOT NULL,
	"case_id" text NOT NULL,
	"person_id" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"due_on" date NOT NULL,
	CONSTRAINT "access_request_tenant_id_case_id_pk" PRIMARY KEY("tenant_id","case_id")
);
--> statement-breakpoint
CREATE TABLE "agreement" (
	"tenant_id" text NOT NULL,
	"agreement_id" text NOT NULL,
	"kind" text NOT NULL,
	"party" text NOT NULL,
	"purpose" text NOT NULL,
	"scope" text NOT NULL,
	"data_classes" text[] NOT NULL,
	"representatives" text[] NOT NULL,
	"redisclosure_terms" text NOT NULL,
	"begins_on" date NOT NULL,
	"ends_on" date NOT NULL,
	"destroy_by" date NOT NULL,
	"signed_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "agreement_tenant_id_agreement_id_pk" PRIMARY KEY("tenant_id","agreement_id")
);
--> statement-breakpoint
CREATE TABLE "amendment_case" (
	"tenant_id" text NOT NULL,
	"case_id" text NOT NULL,
	"person_id" text NOT NULL,
	"record_table" text NOT NULL,
	"record_key" text NOT NULL,
	"contested" text NOT NULL,
	"request" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	CONSTRAINT "amendment_case_tenant_id_case_id_pk" PRIMARY KEY("tenant_id","case_id")
);
--> statement-breakpoint
CREATE TABLE "annotation" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "annotation_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"record_table" text NOT NULL,
	"subject_key" text NOT NULL,
	"kind" text NOT NULL,
	"text" text NOT NULL,
	"by" text NOT NULL,
	"on_date" date NOT NULL,
	"case_id" text
);
--> statement-breakpoint
CREATE TABLE "case_event" (
	"tenant_id" text NOT NULL,
	"event_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "case_event_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"case_id" text NOT NULL,
	"kind" text NOT NULL,
	"text" text,
	"by" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "consent_text" (
	"tenant_id" text NOT NULL,
	"text_id" text NOT NULL,
	"version" integer NOT NULL,
	"language" text NOT NULL,
	"body" text NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "consent_text_tenant_id_text_id_version_language_pk" PRIMARY KEY("tenant_id","text_id","version","language")
);
--> statement-breakpoint
CREATE TABLE "directory_opt_out" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "directory_opt_out_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"school_year" integer NOT NULL,
	"categories" text[],
	"decided_by" text
);
--> statement-breakpoint
CREATE TABLE "disclosure" (
	"tenant_id" text NOT NULL,
	"disclosure_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "disclosure_disclosure_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"outcome" text NOT NULL,
	"requester" text NOT NULL,
	"party" text NOT NULL,
	"interest" text NOT NULL,
	"legal_basis" text NOT NULL,
	"data_classes" text[] NOT NULL,
	"agreement_id" text,
	"consent_key" text,
	"onward_parties" text[],
	"special_education" boolean DEFAULT false NOT NULL,
	"reason" text,
	"reference" text
);
--> statement-breakpoint
CREATE TABLE "erasure" (
	"tenant_id" text NOT NULL,
	"erasure_id" text NOT NULL,
	"cause" text NOT NULL,
	"rows" jsonb NOT NULL,
	"sha256" text NOT NULL,
	"decided_by" text NOT NULL,
	"erased_at" timestamp with time zone NOT NULL,
	CONSTRAINT "erasure_tenant_id_erasure_id_pk" PRIMARY KEY("tenant_id","erasure_id")
);
--> statement-breakpoint
CREATE TABLE "identity_link" (
	"tenant_id" text NOT NULL,
	"link_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "identity_link_link_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" text NOT NULL,
	"same_as" text NOT NULL,
	"undoes" bigint,
	"reason" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "provider_document" (
	"tenant_id" text NOT NULL,
	"kind" text NOT NULL,
	"activity" text NOT NULL,
	"agent" text NOT NULL,
	"registration" text NOT NULL,
	"document_id" text NOT NULL,
	"person_id" text,
	"media_type" text NOT NULL,
	"content" text NOT NULL,
	"etag" text NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "provider_document_tenant_id_kind_activity_agent_registration_document_id_pk" PRIMARY KEY("tenant_id","kind","activity","agent","registration","document_id")
);
--> statement-breakpoint
CREATE TABLE "retention_rule" (
	"tenant_id" text NOT NULL,
	"rule_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "retention_rule_rule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"record_table" text NOT NULL,
	"keep_days" integer,
	"after" text NOT NULL,
	"basis" text NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alignment" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alignment_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"resource" text NOT NULL,
	"standard" text NOT NULL,
	"kind" text NOT NULL,
	"framework" text
);
--> statement-breakpoint
CREATE TABLE "framework" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "framework_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"framework" text NOT NULL,
	"title" text,
	"publisher" text,
	"edition" text,
	"subject" text,
	"language" text,
	"adoption_status" text,
	"uri" text,
	"licence" text
);
--> statement-breakpoint
CREATE TABLE "standard_association" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "standard_association_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"standard" text NOT NULL,
	"kind" text NOT NULL,
	"other" text NOT NULL,
	"framework" text,
	"position" integer
);
--> statement-breakpoint
CREATE TABLE "guardianship" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "guardianship_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"guardian_id" text NOT NULL,
	"relation" text,
	"holds_rights" boolean,
	"begins_on" date,
	"ends_on" date
);
--> statement-breakpoint
CREATE TABLE "achievement" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "achievement_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"achievement" text NOT NULL,
	"area" text NOT NULL,
	"title" text NOT NULL,
	"level" text,
	"on_date" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "artifact" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "artifact_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"artifact" text NOT NULL,
	"title" text NOT NULL,
	"kind" text,
	"description" text,
	"subject" text,
	"standards" text[],
	"on_date" date,
	"media_type" text,
	"uri" text,
	"sha256" text,
	"bytes" integer
);
--> statement-breakpoint
CREATE TABLE "credential" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "credential_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"credential" text NOT NULL,
	"kind" text NOT NULL,
	"title" text,
	"description" text,
	"achievement_kind" text,
	"issuer" text,
	"issuer_name" text,
	"issued_on" date,
	"expires_on" date,
	"standards" text[],
	"document_sha256" text,
	"media_type" text,
	"document" text
);
--> statement-breakpoint
CREATE TABLE "goal" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "goal_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"goal" text NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"subject" text,
	"standard" text,
	"status" text,
	"set_on" date NOT NULL,
	"set_by" text,
	"due_on" date,
	"achieved_on" date
);
--> statement-breakpoint
CREATE TABLE "goal_step" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "goal_step_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"goal" text NOT NULL,
	"step" text NOT NULL,
	"title" text NOT NULL,
	"position" integer,
	"status" text,
	"due_on" date,
	"done_on" date
);
--> statement-breakpoint
CREATE TABLE "narrative" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "narrative_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"narrative" text NOT NULL,
	"kind" text NOT NULL,
	"text" text NOT NULL,
	"on_date" date NOT NULL,
	"author_role" text,
	"subject" text
);
--> statement-breakpoint
CREATE TABLE "personal_best" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "personal_best_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"subject" text NOT NULL,
	"title" text NOT NULL,
	"on_date" date NOT NULL,
	"score" double precision,
	"artifact" text
);
--> statement-breakpoint
CREATE TABLE "preference" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "preference_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"strength" double precision,
	"on_date" date NOT NULL,
	"said_by" text
);
--> statement-breakpoint
CREATE TABLE "readiness_milestone" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "readiness_milestone_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"pathway" text NOT NULL,
	"milestone" text NOT NULL,
	"status" text,
	"on_date" date,
	"due_on" date
);
--> statement-breakpoint
CREATE TABLE "scale_score" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "scale_score_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"on_date" date NOT NULL,
	"instrument" text NOT NULL,
	"scale" text NOT NULL,
	"score" double precision NOT NULL,
	"items" integer,
	"reliability" double precision
);
--> statement-breakpoint
CREATE TABLE "service_hours" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "service_hours_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"on_date" date NOT NULL,
	"hours" double precision NOT NULL,
	"description" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "statement" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "statement_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"statement_id" text NOT NULL,
	"person_id" text,
	"verb" text NOT NULL,
	"object" text,
	"registration" text,
	"stored_at" timestamp with time zone NOT NULL,
	"document" jsonb NOT NULL,
	"voided_by" text
);
--> statement-breakpoint
CREATE TABLE "assignment_standard" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "assignment_standard_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"assignment_key" text NOT NULL,
	"source" text,
	"standard" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "kept_row" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "kept_row_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"entity" text NOT NULL,
	"person_id" text,
	"cells" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "score_scale" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "score_scale_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"title" text,
	"kind" text,
	"org_key" text,
	"course_key" text,
	"section_key" text,
	"values" text
);
--> statement-breakpoint
CREATE TABLE "score_scale_use" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "score_scale_use_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"assignment_key" text,
	"result_key" text,
	"score_scale_key" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dose" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "dose_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"intervention" text NOT NULL,
	"on_date" date NOT NULL,
	"minutes" double precision,
	"attended" boolean,
	"delivered_by" text
);
--> statement-breakpoint
CREATE TABLE "intervention" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "intervention_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"intervention" text NOT NULL,
	"name" text NOT NULL,
	"kind" text,
	"description" text,
	"minutes_per_dose" double precision
);
--> statement-breakpoint
CREATE TABLE "intervention_assignment" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "intervention_assignment_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"intervention" text NOT NULL,
	"begins_on" date NOT NULL,
	"ends_on" date,
	"reason" text,
	"standard" text,
	"group" text,
	"assigned_by" text
);
--> statement-breakpoint
CREATE TABLE "support" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "support_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"kind" text NOT NULL,
	"kind_raw" text,
	"detail" text,
	"accommodations" text[],
	"begins_on" date NOT NULL,
	"ends_on" date
);
--> statement-breakpoint
CREATE TABLE "import_repair" (
	"tenant_id" text NOT NULL,
	"batch_id" text NOT NULL,
	"position" integer NOT NULL,
	"repaired_batch_id" text NOT NULL,
	"repaired_at" timestamp with time zone NOT NULL,
	CONSTRAINT "import_repair_tenant_id_batch_id_position_pk" PRIMARY KEY("tenant_id","batch_id","position")
);
--> statement-breakpoint
CREATE TABLE "source_standing" (
	"tenant_id" text NOT NULL,
	"standing_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "source_standing_standing_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text NOT NULL,
	"authority" text NOT NULL,
	"standing" text NOT NULL,
	"decided_by" text,
	"decided_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "academic_summary" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "academic_summary_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"school_year" integer,
	"term_key" text,
	"grade_point_average" double precision,
	"cumulative_grade_point_average" double precision,
	"credits_earned" double precision,
	"cumulative_credits_earned" double precision,
	"on_date" date
);
--> statement-breakpoint
CREATE TABLE "assessment" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "assessment_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"assessment" text NOT NULL,
	"title" text,
	"family" text,
	"kind" text,
	"subject" text,
	"grade" text,
	"edition" text,
	"sensitive" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "assessment_result" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "assessment_result_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"assessment_key" text NOT NULL,
	"on_date" date NOT NULL,
	"grade_tested" text,
	"score" double precision,
	"score_text" text,
	"score_kind" text,
	"standard_error" double precision,
	"percentile" double precision,
	"performance_level" text,
	"minutes" double precision,
	"validity" text,
	"validity_raw" text,
	"accommodations" text[],
	"scores" jsonb
);
--> statement-breakpoint
CREATE TABLE "course_grade" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "course_grade_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"course_key" text,
	"section_key" text,
	"term_key" text,
	"kind" text NOT NULL,
	"kind_raw" text,
	"letter" text,
	"numeric" double precision,
	"numeric_maximum" double precision,
	"credits_attempted" double precision,
	"credits_earned" double precision,
	"on_date" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "observation" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "observation_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"standard" text NOT NULL,
	"on_date" date NOT NULL,
	"score" double precision NOT NULL,
	"level" text,
	"entered_by" text,
	"kind" text
);
--> statement-breakpoint
CREATE TABLE "sub_result" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sub_result_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"source_version" text,
	"raw_ref" text,
	"verification" jsonb,
	"person_id" text NOT NULL,
	"result_key" text NOT NULL,
	"part" text NOT NULL,
	"kind" text NOT NULL,
	"standard" text,
	"on_date" date NOT NULL,
	"score" double precision,
	"score_text" text,
	"score_kind" text,
	"performance_level" text,
	"mastery" double precision
);
--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "setting" text;--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "topics" text[];--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "activity" ADD COLUMN "uri" text;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "object" text;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "score" double precision;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "success" boolean;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "completion" boolean;--> statement-breakpoint
ALTER TABLE "activity_event" ADD COLUMN "session" text;--> statement-breakpoint
ALTER TABLE "attendance_event" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "attendance_event" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "attendance_event" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "attendance_event" ADD COLUMN "scope" text;--> statement-breakpoint
ALTER TABLE "attendance_event" ADD COLUMN "section_key" text;--> statement-breakpoint
ALTER TABLE "attendance_event" ADD COLUMN "minutes" double precision;--> statement-breakpoint
ALTER TABLE "behavior_incident" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "behavior_incident" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "behavior_incident" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "behavior_incident" ADD COLUMN "action_raw" text;--> statement-breakpoint
ALTER TABLE "behavior_incident" ADD COLUMN "action_days" double precision;--> statement-breakpoint
ALTER TABLE "behavior_incident" ADD COLUMN "location" text;--> statement-breakpoint
ALTER TABLE "item_response" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "item_response" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "item_response" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "prerequisite" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "prerequisite" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "prerequisite" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "framework" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "code" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "statement" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "kind" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "grades" text[];--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "uri" text;--> statement-breakpoint
ALTER TABLE "standard" ADD COLUMN "status_ends_on" date;--> statement-breakpoint
ALTER TABLE "survey_answer" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "survey_answer" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "survey_answer" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "decided_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "capacity" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "authentication" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "data_classes" text[];--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "party" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "begins_on" date;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "expires_on" date;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "text_id" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "text_version" integer;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "language" text;--> statement-breakpoint
ALTER TABLE "consent_decision" ADD COLUMN "copy_delivered_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "demographics" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "demographics" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "demographics" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "identifier" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "identifier" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "identifier" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "person_role" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "person_role" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "person_role" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "assignment" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "calendar_day" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "calendar_day" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "calendar_day" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "course" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "course" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "course" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "enrolment" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "enrolment" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "enrolment" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "org" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "org" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "org" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "result" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "result" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "result" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "result" ADD COLUMN "comment" text;--> statement-breakpoint
ALTER TABLE "section" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "section" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "section" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "section_enrolment" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "section_enrolment" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "section_enrolment" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "standard_result" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "standard_result" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "standard_result" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "term" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "term" ADD COLUMN "raw_ref" text;--> statement-breakpoint
ALTER TABLE "term" ADD COLUMN "verification" jsonb;--> statement-breakpoint
ALTER TABLE "import_batch" ADD COLUMN "profiles" text[];--> statement-breakpoint
ALTER TABLE "import_refusal" ADD COLUMN "header" text;--> statement-breakpoint
ALTER TABLE "import_refusal" ADD COLUMN "profile" text;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "time_zone" text DEFAULT 'UTC' NOT NULL;--> statement-breakpoint
CREATE INDEX "access_request_person" ON "access_request" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "amendment_case_person" ON "amendment_case" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "annotation_versions" ON "annotation" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "annotation_person" ON "annotation" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "annotation_subject" ON "annotation" USING btree ("tenant_id","record_table","subject_key");--> statement-breakpoint
CREATE INDEX "case_event_case" ON "case_event" USING btree ("tenant_id","case_id","event_id");--> statement-breakpoint
CREATE INDEX "directory_opt_out_versions" ON "directory_opt_out" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "directory_opt_out_person" ON "directory_opt_out" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "disclosure_person" ON "disclosure" USING btree ("tenant_id","person_id","at");--> statement-breakpoint
CREATE INDEX "identity_link_person" ON "identity_link" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "identity_link_same_as" ON "identity_link" USING btree ("tenant_id","same_as");--> statement-breakpoint
CREATE INDEX "retention_rule_table" ON "retention_rule" USING btree ("tenant_id","record_table");--> statement-breakpoint
CREATE INDEX "alignment_versions" ON "alignment" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "framework_versions" ON "framework" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "standard_association_versions" ON "standard_association" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "guardianship_versions" ON "guardianship" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "guardianship_person" ON "guardianship" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "guardianship_guardian" ON "guardianship" USING btree ("tenant_id","guardian_id");--> statement-breakpoint
CREATE INDEX "achievement_versions" ON "achievement" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "achievement_person" ON "achievement" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "artifact_versions" ON "artifact" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "artifact_person" ON "artifact" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "credential_versions" ON "credential" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "credential_person" ON "credential" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "goal_versions" ON "goal" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "goal_person" ON "goal" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "goal_step_versions" ON "goal_step" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "goal_step_person" ON "goal_step" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "narrative_versions" ON "narrative" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "narrative_person" ON "narrative" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "personal_best_versions" ON "personal_best" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "personal_best_person" ON "personal_best" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "preference_versions" ON "preference" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "preference_person" ON "preference" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "readiness_milestone_versions" ON "readiness_milestone" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "readiness_milestone_person" ON "readiness_milestone" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "scale_score_versions" ON "scale_score" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "scale_score_person" ON "scale_score" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "service_hours_versions" ON "service_hours" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "service_hours_person" ON "service_hours" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "statement_versions" ON "statement" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "statement_id" ON "statement" USING btree ("tenant_id","statement_id");--> statement-breakpoint
CREATE INDEX "statement_stored" ON "statement" USING btree ("tenant_id","stored_at","version_id");--> statement-breakpoint
CREATE INDEX "assignment_standard_versions" ON "assignment_standard" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "kept_row_versions" ON "kept_row" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "score_scale_versions" ON "score_scale" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "score_scale_use_versions" ON "score_scale_use" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "dose_versions" ON "dose" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "dose_person" ON "dose" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "intervention_versions" ON "intervention" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "intervention_assignment_versions" ON "intervention_assignment" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "intervention_assignment_person" ON "intervention_assignment" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "support_versions" ON "support" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "support_person" ON "support" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "source_standing_source" ON "source_standing" USING btree ("tenant_id","source");--> statement-breakpoint
CREATE INDEX "academic_summary_versions" ON "academic_summary" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "academic_summary_person" ON "academic_summary" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "assessment_versions" ON "assessment" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "assessment_result_versions" ON "assessment_result" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "assessment_result_person" ON "assessment_result" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "course_grade_versions" ON "course_grade" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "course_grade_person" ON "course_grade" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "observation_versions" ON "observation" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "observation_person" ON "observation" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "sub_result_versions" ON "sub_result" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "sub_result_person" ON "sub_result" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "standard_code" ON "standard" USING btree ("tenant_id","code");
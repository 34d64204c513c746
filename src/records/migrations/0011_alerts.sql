CREATE TABLE "alert" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"alert_id" text NOT NULL,
	"person_id" text,
	"rule" text NOT NULL,
	"rules_version" integer,
	"subject" text NOT NULL,
	"data_class" text NOT NULL,
	"happened_on" date NOT NULL,
	"learned_at" timestamp with time zone NOT NULL,
	"evidence" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alert_event" (
	"tenant_id" text NOT NULL,
	"version_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_event_version_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
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
	"alert_id" text NOT NULL,
	"person_id" text,
	"step" text NOT NULL,
	"by" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"assigned_to" text,
	"note" text,
	"dose_key" text
);
--> statement-breakpoint
CREATE TABLE "alert_rules" (
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"rules" jsonb NOT NULL,
	"decided_by" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	CONSTRAINT "alert_rules_tenant_id_version_pk" PRIMARY KEY("tenant_id","version")
);
--> statement-breakpoint
CREATE TABLE "webhook" (
	"tenant_id" text NOT NULL,
	"webhook_id" text NOT NULL,
	"url" text NOT NULL,
	"secret" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "webhook_tenant_id_webhook_id_pk" PRIMARY KEY("tenant_id","webhook_id")
);
--> statement-breakpoint
CREATE TABLE "webhook_delivery" (
	"tenant_id" text NOT NULL,
	"delivery_id" text NOT NULL,
	"webhook_id" text NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_tried_at" timestamp with time zone,
	"last_status" integer,
	"delivered_at" timestamp with time zone,
	"dead_at" timestamp with time zone,
	CONSTRAINT "webhook_delivery_tenant_id_delivery_id_pk" PRIMARY KEY("tenant_id","delivery_id")
);
--> statement-breakpoint
CREATE INDEX "alert_versions" ON "alert" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE UNIQUE INDEX "alert_once" ON "alert" USING btree ("tenant_id","alert_id");--> statement-breakpoint
CREATE INDEX "alert_person" ON "alert" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "alert_event_versions" ON "alert_event" USING btree ("tenant_id","record_key","known_on","version_id");--> statement-breakpoint
CREATE INDEX "alert_event_alert" ON "alert_event" USING btree ("tenant_id","alert_id","version_id");--> statement-breakpoint
CREATE INDEX "alert_event_person" ON "alert_event" USING btree ("tenant_id","person_id");--> statement-breakpoint
CREATE INDEX "webhook_delivery_waiting" ON "webhook_delivery" USING btree ("tenant_id","delivered_at","dead_at");--> statement-breakpoint
CREATE INDEX "item_response_person" ON "item_response" USING btree ("tenant_id","person_id","standard");
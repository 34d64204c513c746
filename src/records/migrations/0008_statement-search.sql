DROP INDEX "statement_related";--> statement-breakpoint
CREATE INDEX "statement_actor" ON "statement" USING btree ("tenant_id",(agents[1]));--> statement-breakpoint
CREATE INDEX "statement_object" ON "statement" USING btree ("tenant_id","object");
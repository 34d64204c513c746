-- A row belongs to the tenant named by the transaction (see 0001). Rows are no records: they are filled in, and go after a day.
ALTER TABLE idempotent_request ENABLE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE idempotent_request FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
CREATE POLICY tenant_isolation ON idempotent_request USING (tenant_id = current_setting('cairn.tenant', true))
  WITH CHECK (tenant_id = current_setting('cairn.tenant', true));
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON idempotent_request TO cairn_app;
--> statement-breakpoint
GRANT UPDATE (status, answer, is_withheld) ON idempotent_request TO cairn_app;
--> statement-breakpoint
-- An answer tells what was so when it was made. Once somebody is erased, a family decides or two learners are found to be one, no
-- answer of the district from before is given out again; what is under way will not keep its own. Only the deciding request
-- itself (a route of the families) may: its answer is the decision.
CREATE FUNCTION cairn_withhold_answers() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE public.idempotent_request SET answer = NULL, is_withheld = true
    WHERE tenant_id = current_setting('cairn.tenant', true) AND NOT is_withheld
      AND (status IS NOT NULL OR TG_TABLE_NAME <> 'consent_decision' OR route NOT LIKE '/v1/families/%');
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER withhold_answers AFTER INSERT ON consent_decision FOR EACH STATEMENT EXECUTE FUNCTION cairn_withhold_answers();
--> statement-breakpoint
CREATE TRIGGER withhold_answers AFTER INSERT ON erasure FOR EACH STATEMENT EXECUTE FUNCTION cairn_withhold_answers();
--> statement-breakpoint
CREATE TRIGGER withhold_answers AFTER INSERT ON identity_link FOR EACH STATEMENT EXECUTE FUNCTION cairn_withhold_answers();

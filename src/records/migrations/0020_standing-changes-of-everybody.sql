-- A line is written for whoever a record is about, also where there is no standing yet: one that is being worked out while the
-- record comes in has not seen it, and must not be taken for new. What nobody needs is cleared away every night.
CREATE OR REPLACE FUNCTION cairn_note_standing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF current_setting('cairn.standing', true) = 'kept' THEN RETURN NULL; END IF;
  INSERT INTO public.standing_change (tenant_id, person_id)
  WITH RECURSIVE reached(tenant_id, id) AS (
    SELECT DISTINCT c.tenant_id, c.person_id FROM changed c WHERE c.person_id IS NOT NULL
    UNION
    SELECT l.tenant_id, CASE WHEN l.person_id = r.id THEN l.same_as ELSE l.person_id END
    FROM reached r JOIN public.identity_link l ON l.tenant_id = r.tenant_id AND r.id IN (l.person_id, l.same_as)
  )
  SELECT tenant_id, id FROM reached WHERE TG_OP = 'INSERT' OR EXISTS (
    SELECT 1 FROM public.learner_standing s WHERE s.tenant_id = reached.tenant_id AND s.person_id = reached.id);
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION cairn_note_result_standing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.standing_change (tenant_id, person_id)
  WITH RECURSIVE reached(tenant_id, id) AS (
    SELECT DISTINCT r.tenant_id, r.person_id FROM changed c
    JOIN public.result r ON r.tenant_id = c.tenant_id AND r.record_key = c.result_key
    UNION
    SELECT l.tenant_id, CASE WHEN l.person_id = r.id THEN l.same_as ELSE l.person_id END
    FROM reached r JOIN public.identity_link l ON l.tenant_id = r.tenant_id AND r.id IN (l.person_id, l.same_as)
  )
  SELECT tenant_id, id FROM reached;
  RETURN NULL;
END
$$;

-- The application role may not delete a record. What it may do is call these functions: they delete by rule, in the tenant of
-- the transaction only, and cannot delete without leaving a certificate. They run as their owner, who may be a superuser: so
-- every statement names the tenant itself, and no temporary table of the caller can stand in for a table of the record.

-- Every person of the transaction's tenant under legal hold: a request to inspect is open (34 CFR 99.10(e)). A person who is
-- linked to another is held with her.
CREATE FUNCTION cairn_held_people() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE link AS (
    SELECT l.person_id AS a, l.same_as AS b FROM public.identity_link l
    WHERE l.tenant_id = current_setting('cairn.tenant', true) AND l.undoes IS NULL
      AND NOT EXISTS (SELECT 1 FROM public.identity_link u WHERE u.tenant_id = l.tenant_id AND u.undoes = l.link_id)
  ), held(id) AS (
    SELECT r.person_id FROM public.access_request r
    WHERE r.tenant_id = current_setting('cairn.tenant', true) AND NOT EXISTS (
      SELECT 1 FROM public.case_event e
      WHERE e.tenant_id = r.tenant_id AND e.case_id = r.case_id AND e.kind = 'answered')
    UNION
    SELECT CASE WHEN l.a = h.id THEN l.b ELSE l.a END FROM link l JOIN held h ON h.id IN (l.a, l.b)
  )
  SELECT id FROM held
$$;
--> statement-breakpoint
-- Deletes rows of one table of the transaction's tenant and says how many they were, with a hash of what is gone.
-- `condition` is written by the two functions below and never by a caller: nobody else may execute this one.
CREATE FUNCTION cairn_delete_rows(record_table text, condition text, people text[], keys text[], OUT rows bigint, OUT hash text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  EXECUTE format(
    'WITH gone AS (DELETE FROM public.%I t WHERE t.tenant_id = current_setting(''cairn.tenant'', true) AND (%s) RETURNING t.*)
     SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(gone::text, E''\n'' ORDER BY gone::text), ''''), ''UTF8'')), ''hex'')
     FROM gone', record_table, condition)
  INTO rows, hash USING people, keys;
END
$$;
--> statement-breakpoint
-- Erases a learner: every row about any of her ids in every table that has people, also in tables that come after this one;
-- what hangs on those rows; her scores; refused rows that hold her numbers or her name. Leaves the certificate.
CREATE FUNCTION cairn_erase_person(people text[], erasure_id text, cause text, decided_by text, erased_at timestamptz)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant text := current_setting('cairn.tenant', true);
  counts jsonb := '{}';
  hashes text := '';
  step record;
  gone record;
  results text[];
  cases text[];
  codes text[];
  numbers text[];
BEGIN
  IF coalesce(tenant, '') = '' OR coalesce(cardinality(people), 0) = 0 THEN
    RAISE EXCEPTION 'expected a tenant and a person to erase' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF EXISTS (SELECT 1 FROM public.cairn_held_people() h(id) WHERE id = ANY (people)) THEN
    RAISE EXCEPTION 'a request to inspect the record is open' USING ERRCODE = 'object_in_use';
  END IF;
  SELECT array_agg(DISTINCT record_key) INTO results FROM public.result WHERE tenant_id = tenant AND person_id = ANY (people);
  SELECT array_agg(c) INTO cases FROM (
    SELECT case_id FROM public.amendment_case WHERE tenant_id = tenant AND person_id = ANY (people)
    UNION SELECT case_id FROM public.access_request WHERE tenant_id = tenant AND person_id = ANY (people)) x(c);
  SELECT array_agg(code) INTO codes FROM public.pseudonym WHERE tenant_id = tenant AND person_id = ANY (people);
  -- As regular expressions: a number stands in a row as a whole cell.
  SELECT array_agg(DISTINCT regexp_replace(value, '([^[:alnum:] ])', '\\\1', 'g')) INTO numbers
    FROM public.identifier WHERE tenant_id = tenant AND person_id = ANY (people) AND value <> '';

  FOR step IN
    SELECT 1 AS turn, 'standard_result' AS name, 't.result_key = ANY ($2)' AS condition, results AS keys
    UNION ALL SELECT 1, 'score_scale_use', 't.result_key = ANY ($2)', results
    UNION ALL SELECT 1, 'case_event', 't.case_id = ANY ($2)', cases
    UNION ALL SELECT 1, 'guardianship', 't.guardian_id = ANY ($1)', NULL
    UNION ALL SELECT 1, 'identity_link', 't.same_as = ANY ($1)', NULL
    -- A short number also stands for a grade or a count: then the name must be in the row as well.
    UNION ALL SELECT 1, 'import_refusal', $c$
      EXISTS (SELECT 1 FROM unnest($2) n WHERE t.raw ~ ('(^|[^[:alnum:]])' || n || '($|[^[:alnum:]])')
        AND (length(n) > 3 OR EXISTS (SELECT 1 FROM public.person p WHERE p.tenant_id = t.tenant_id AND p.person_id = ANY ($1)
          AND p.family_name <> '' AND position(lower(p.family_name) IN lower(t.raw)) > 0)))
      OR EXISTS (SELECT 1 FROM public.person p WHERE p.tenant_id = t.tenant_id AND p.person_id = ANY ($1)
        AND p.given_name <> '' AND p.family_name <> '' AND position(lower(p.given_name) IN lower(t.raw)) > 0
        AND position(lower(p.family_name) IN lower(t.raw)) > 0)$c$, numbers
    UNION ALL
    SELECT 2, c.relname::text, 't.pseudonym = ANY ($2)', codes
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'pseudonym' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND EXISTS (SELECT 1 FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attname = 'tenant_id')
    UNION ALL
    SELECT 3, c.relname::text, 't.person_id = ANY ($1)', NULL
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'person_id' AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND EXISTS (SELECT 1 FROM pg_attribute x WHERE x.attrelid = c.oid AND x.attname = 'tenant_id')
    ORDER BY turn, name
  LOOP
    SELECT * INTO gone FROM public.cairn_delete_rows(step.name, step.condition, people, coalesce(step.keys, '{}'));
    IF gone.rows > 0 THEN
      counts := counts || jsonb_build_object(step.name, coalesce((counts ->> step.name)::bigint, 0) + gone.rows);
      hashes := hashes || step.name || ' ' || gone.hash || E'\n';
    END IF;
  END LOOP;
  -- The reports of deliveries quote the first refusals, whose words may quote a number.
  UPDATE public.import_batch b SET report = jsonb_set(b.report, '{refusals}', (
    SELECT coalesce(jsonb_agg(CASE WHEN EXISTS (
        SELECT 1 FROM unnest(coalesce(numbers, '{}')) n WHERE r ->> 'reason' ~ ('(^|[^[:alnum:]])' || n || '($|[^[:alnum:]])'))
      THEN jsonb_set(r, '{reason}', '"a row about somebody whose record was erased"') ELSE r END ORDER BY place), '[]')
    FROM jsonb_array_elements(b.report -> 'refusals') WITH ORDINALITY list(r, place)))
  WHERE b.tenant_id = tenant AND jsonb_typeof(b.report -> 'refusals') = 'array' AND EXISTS (
    SELECT 1 FROM jsonb_array_elements(b.report -> 'refusals') r, unnest(coalesce(numbers, '{}')) n
    WHERE r ->> 'reason' ~ ('(^|[^[:alnum:]])' || n || '($|[^[:alnum:]])'));
  INSERT INTO public.erasure (tenant_id, erasure_id, cause, rows, sha256, decided_by, erased_at)
    VALUES (tenant, erasure_id, cause, counts, encode(sha256(convert_to(hashes, 'UTF8')), 'hex'), decided_by, erased_at);
  RETURN counts;
END
$$;
--> statement-breakpoint
-- Deletes what the newest retention rule of a table says is kept no longer on a day, less what is under legal hold. Returns
-- the number of rows; a certificate is left when there were any.
CREATE FUNCTION cairn_retain(rule_table text, on_day date, erasure_id text, erased_at timestamptz)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  tenant text := current_setting('cairn.tenant', true);
  rule record;
  gone record;
  orphans record;
  proof text;
  counts jsonb;
  held text[];
  past text;
BEGIN
  SELECT * INTO rule FROM public.retention_rule r WHERE r.tenant_id = tenant AND r.record_table = rule_table
    ORDER BY r.rule_id DESC LIMIT 1;
  IF NOT FOUND OR rule.keep_days IS NULL THEN RETURN 0; END IF;
  -- Only a table of versions about people; the name comes from a row that the application wrote.
  IF (SELECT count(DISTINCT a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = rule_table
        AND a.attname IN ('tenant_id', 'person_id', 'record_key', 'known_on')) < 4 THEN
    RAISE EXCEPTION 'expected a table of records about people, got %', rule_table USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT coalesce(array_agg(id), '{}') INTO held FROM public.cairn_held_people() h(id);
  past := format('date %L', on_day - rule.keep_days);
  IF rule.after = 'known' THEN
    past := format('NOT EXISTS (SELECT 1 FROM public.%I n WHERE n.tenant_id = t.tenant_id AND n.record_key = t.record_key
      AND n.known_on > %s)', rule_table, past);
  ELSE
    past := format('EXISTS (SELECT 1 FROM public.enrolment e WHERE e.tenant_id = t.tenant_id AND e.person_id = t.person_id)
      AND NOT EXISTS (SELECT 1 FROM (
        SELECT DISTINCT ON (e.record_key) e.* FROM public.enrolment e
        WHERE e.tenant_id = t.tenant_id AND e.person_id = t.person_id
        ORDER BY e.record_key, e.known_on DESC, e.version_id DESC) e
        WHERE e.retracted_at IS NULL AND coalesce(e.exited_on, e.ends_on, date ''9999-12-31'') > %s)', past);
  END IF;
  SELECT * INTO gone FROM public.cairn_delete_rows(
    rule_table, 't.person_id IS NOT NULL AND NOT (t.person_id = ANY ($1)) AND ' || past, held, '{}');
  IF gone.rows = 0 THEN RETURN 0; END IF;
  counts := jsonb_build_object(rule_table, gone.rows);
  proof := gone.hash;
  IF rule_table = 'result' THEN
    SELECT * INTO orphans FROM public.cairn_delete_rows('standard_result',
      'NOT EXISTS (SELECT 1 FROM public.result r WHERE r.tenant_id = t.tenant_id AND r.record_key = t.result_key)', held, '{}');
    counts := counts || jsonb_build_object('standard_result', orphans.rows);
    proof := proof || orphans.hash;
  END IF;
  INSERT INTO public.erasure (tenant_id, erasure_id, cause, rows, sha256, decided_by, erased_at)
    VALUES (tenant, erasure_id, format('retention rule %s', rule.rule_id), counts,
      encode(sha256(convert_to(proof, 'UTF8')), 'hex'), rule.decided_by, erased_at);
  RETURN gone.rows;
END
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION cairn_held_people(), cairn_delete_rows(text, text, text[], text[]),
  cairn_erase_person(text[], text, text, text, timestamptz), cairn_retain(text, date, text, timestamptz) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION cairn_held_people(), cairn_erase_person(text[], text, text, text, timestamptz),
  cairn_retain(text, date, text, timestamptz) TO cairn_app;

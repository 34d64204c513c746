-- What was not known when a statement came may be filled in later: whose it is, and which statement voided it. Its words stay.
GRANT UPDATE (person_id, voided_by) ON statement TO cairn_app;

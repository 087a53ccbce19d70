-- A rotation of the shop's data key seals every sealed column again, also where rows are otherwise never rewritten: the
-- text stays, only the key under it changes.
grant update (note) on incident_event to stampwell_worker;

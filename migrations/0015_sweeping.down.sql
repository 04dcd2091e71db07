DROP INDEX mails_bodies;
DROP FUNCTION orbit_sweep_audit(integer);
DROP FUNCTION orbit_sweep_shops(uuid, integer, integer);
DROP INDEX one_time_links_expires;

DROP TABLE live_update_times;
DROP INDEX mails_queued;
DROP INDEX merchant_provisionings_failures;
DROP INDEX merchant_provisionings_created;

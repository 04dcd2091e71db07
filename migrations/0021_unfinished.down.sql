DROP INDEX media_processing;
DROP POLICY unfinished ON media;

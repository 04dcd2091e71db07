DROP TABLE media;
DROP FUNCTION orbit_trash_media();
DROP TABLE blob_trash;
DROP FUNCTION orbit_show_images(uuid);
ALTER TABLE products DROP COLUMN images, DROP COLUMN version;
DROP DOMAIN media_status;

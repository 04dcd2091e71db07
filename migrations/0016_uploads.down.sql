DROP TABLE media_reserved;

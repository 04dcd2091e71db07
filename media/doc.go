// Package media takes the images that merchants upload, makes the sizes that shops show of them in a durable job, and
// hands these out: the blob store is its outside world. What is uploaded is believed in nothing; what is shown is
// always drawn anew. It must not know of requests or pages.
package media

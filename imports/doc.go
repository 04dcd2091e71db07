// Package imports works on files of products: it takes them, reads them in the forms in which spreadsheets save them,
// checks and runs them in durable jobs, and fetches the images that they name. What a line means is orbit's, what is
// written the store's. It knows no pages.
package imports

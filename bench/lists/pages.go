package main

import (
	"fmt"

	"orbit360.app/orbit"
)

// shopID is the id of a merchant by its number.
func shopID(n int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012x", n) }

// merchantPages holds each filter, sort and way of paging of the admin's list, and what people put together.
func merchantPages(o options) []string {
	last := (o.merchants + 24) / 25
	pages := []string{"", "?status=active", "?status=all", "?status=failed", "?status=suspended",
		"?status=all&sort=oldest", "?status=all&sort=name", "?status=failed&sort=name"}
	for _, n := range []int{2, last / 4, last / 2, last * 3 / 4, last} {
		pages = append(pages, fmt.Sprintf("?status=all&page=%d", n), fmt.Sprintf("?status=all&sort=name&page=%d", n))
	}
	pages = append(pages, "?status=all&sort=name&page=2000&after="+shopID(o.merchants/2),
		"?status=all&page=2000&before="+shopID(o.merchants/2))
	for _, filter := range []string{"plan=starter", "plan=enterprise", "theme=upfront-modern", "theme=upfront-minimal",
		"category=books", "category=toys", "last=7", "last=30", "last=90", "last=older", "last=none"} {
		pages = append(pages, "?status=all&"+filter, "?status=all&sort=name&"+filter)
	}
	for _, q := range []string{"shop-77123", "abc", "owner", "a", "zzzzzz"} {
		pages = append(pages, "?status=all&q="+q, "?status=all&sort=name&q="+q, "?status=failed&q="+q,
			"?status=all&plan=enterprise&q="+q)
	}
	pages = append(pages, "?status=active&plan=starter&theme=upfront-modern&category=books&last=30",
		"?status=failed&plan=enterprise&last=older", "?status=all&category=toys&page=30",
		"?status=all&last=none&sort=name&page=300", "?status=active&plan=starter&page=300")
	for i := range pages {
		pages[i] = "/merchants" + pages[i]
	}
	return pages
}

// orderPages holds the ways to look at a shop's orders.
func orderPages(shop string, orders int) []string {
	pages := []string{"", "?status=open", "?status=unpaid", "?status=unfulfilled", "?status=closed",
		"?status=" + string(orbit.OrderCanceled), "?payment=paid", "?payment=refunded", "?fulfillment=fulfilled",
		"?payment=voided&fulfillment=unfulfilled", "?from=2026-01-01&to=2026-01-31", "?to=2001-01-01",
		"?payment=refunded&from=2001-01-01", "?page=2",
		fmt.Sprint("?page=", orders/50), fmt.Sprint("?page=", orders/25)}
	for _, q := range []string{"%231234", "1234", "customer", "customer1234", "customer1234@example.com", "example",
		"customer+1234", "lovelace", "ada+love", "gmail", "c", "zzzzzz", "mug-77", "mug"} {
		pages = append(pages, "?q="+q)
	}
	pages = append(pages, "?q=lovelace&status=open", "?q=customer&status=open", "?q=customer&status=closed&page=200",
		"?q=customer&payment=refunded", "?q=mug-77&from=2026-01-01")
	for i := range pages {
		pages[i] = shop + "/orders" + pages[i]
	}
	return pages
}

// Package shop is a shop's own rows: products, media, carts, orders, settings, releases. All of it is reached through a
// tenant, which For and MemberOf hand out: one merchant's data in one transaction under row-level security. It doesn't
// know the platform's rows beyond those that its statements join.
package shop

// Package dashboard answers for dashboard.BASE: what people who run shops see and do. Every page of a shop is for its
// members alone; another's shop is as if it didn't exist. Its handlers are handed a desk: the shop that they work in.
// It knows no other audience.
package dashboard

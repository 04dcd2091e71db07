// Package site is the pages of the public site: what ORBIT360 is, pricing, themes, and applying for a shop.
// Values in, HTML out.
package site

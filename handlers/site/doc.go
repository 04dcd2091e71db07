// Package site answers for the apex and www: what ORBIT360 is, pricing, themes, and applying for a shop. Nobody signs
// in here, and no cookie is set.
package site

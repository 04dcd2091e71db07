package orbit

import (
	"cmp"
	"math/bits"
	"slices"
)

// Allocate splits total by weights, to the last unit: each part is its exact share rounded down, and what is left over
// goes a unit at a time to the largest remainders, the first of equal ones first. The parts add up to total, and where
// total is at most the sum of the weights no part is above its weight. Without any weight all parts count the same.
// Total and weights are at least 0, and the weights' sum is an int64; no weights give no parts.
func Allocate(total int64, weights []int64) []int64 {
	parts := make([]int64, len(weights))
	var whole int64
	for _, w := range weights {
		whole += w
	}
	if whole == 0 {
		for i := range parts {
			parts[i] = total / int64(len(parts))
			if int64(i) < total%int64(len(parts)) {
				parts[i]++
			}
		}
		return parts
	}
	remainders, largest, left := make([]uint64, len(weights)), make([]int, len(weights)), total
	for i, w := range weights {
		hi, lo := bits.Mul64(uint64(total), uint64(w))
		quotient, remainder := bits.Div64(hi, lo, uint64(whole))
		parts[i], remainders[i], largest[i] = int64(quotient), remainder, i
		left -= parts[i]
	}
	slices.SortStableFunc(largest, func(i, j int) int { return cmp.Compare(remainders[j], remainders[i]) })
	for _, i := range largest[:left] {
		parts[i]++
	}
	return parts
}

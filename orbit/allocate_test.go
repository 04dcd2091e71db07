package orbit_test

import (
	"cmp"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

func TestAllocate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		total   int64
		weights []int64
		parts   []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}}, // the first of equal remainders
		{10, []int64{1, 2, 4}, []int64{1, 3, 6}},     // 1.43, 2.86, 5.71: the two largest, not the first
		{5, []int64{0, 3, 0}, []int64{0, 5, 0}},      // nothing for no weight
		{7, []int64{0, 0, 0}, []int64{3, 2, 2}},      // no weights at all
		{2, []int64{1, 1, 1}, []int64{1, 1, 0}},      // less than one each
		{0, []int64{5, 5}, []int64{0, 0}},
		{9, []int64{9, 0, 0}, []int64{9, 0, 0}},
		{0, nil, []int64{}},
		{1 << 62, []int64{1 << 61, 1 << 61}, []int64{1 << 61, 1 << 61}}, // past 64 bits on the way
		{math.MaxInt64, []int64{math.MaxInt64 - 1, 1}, []int64{math.MaxInt64 - 1, 1}},
	} {
		if parts := orbit.Allocate(c.total, c.weights); !slices.Equal(parts, c.parts) {
			t.Errorf("%d by %v is %v, not %v", c.total, c.weights, parts, c.parts)
		}
	}
}

// allocated returns what is wrong with parts: each is less than one away from its exact share, those rounded up had no
// smaller remainder than those rounded down, and all of them add up.
func allocated(total int64, weights, parts []int64) string {
	whole, sum := new(big.Int), new(big.Int)
	for i, w := range weights {
		whole.Add(whole, big.NewInt(w))
		sum.Add(sum, big.NewInt(parts[i]))
	}
	if sum.Cmp(big.NewInt(total)) != 0 {
		return "don't add up"
	}
	if whole.Sign() == 0 {
		if first, last := parts[0], parts[len(parts)-1]; first-last > 1 || !slices.IsSortedFunc(parts,
			func(a, b int64) int { return cmp.Compare(b, a) }) {
			return "aren't even"
		}
		return ""
	}
	var up, down *big.Rat // the smallest remainder rounded up, the largest rounded down
	for i, w := range weights {
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(total), big.NewInt(w)), whole)
		floor := new(big.Int).Quo(exact.Num(), exact.Denom())
		rest := new(big.Rat).Sub(exact, new(big.Rat).SetInt(floor))
		switch extra := parts[i] - floor.Int64(); {
		case extra == 1 && rest.Sign() > 0:
			if up == nil || rest.Cmp(up) < 0 {
				up = rest
			}
			if down != nil && rest.Cmp(down) <= 0 {
				return "round up a smaller remainder, or a later one of equals"
			}
		case extra == 0:
			if down == nil || rest.Cmp(down) > 0 {
				down = rest
			}
		default:
			return "aren't near their shares"
		}
		if big.NewInt(total).Cmp(whole) <= 0 && parts[i] > w {
			return "are above their weights"
		}
	}
	if up != nil && down != nil && up.Cmp(down) < 0 {
		return "round up a smaller remainder"
	}
	return ""
}

// TestAllocateSmall holds all small cases to exact arithmetic.
func TestAllocateSmall(t *testing.T) {
	t.Parallel()
	const most = 6
	for total := range int64(14) {
		for n := range most * most * most {
			weights := []int64{int64(n % most), int64(n / most % most), int64(n / most / most)}
			if wrong := allocated(total, weights, orbit.Allocate(total, weights)); wrong != "" {
				t.Fatalf("%d by %v: %v %s", total, weights, orbit.Allocate(total, weights), wrong)
			}
		}
	}
}

func FuzzAllocate(f *testing.F) {
	f.Add(int64(100), int64(1), int64(1), int64(1))
	f.Add(int64(math.MaxInt64), int64(1), int64(math.MaxInt64-1), int64(0))
	f.Fuzz(func(t *testing.T, total, a, b, c int64) {
		if total < 0 || a < 0 || b < 0 || c < 0 || a > math.MaxInt64-b || a+b > math.MaxInt64-c {
			t.Skip()
		}
		weights := []int64{a, b, c}
		if wrong := allocated(total, weights, orbit.Allocate(total, weights)); wrong != "" {
			t.Fatalf("%d by %v: %v %s", total, weights, orbit.Allocate(total, weights), wrong)
		}
	})
}

func TestAllocateAny(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e15), 1, 100).Draw(t, "weights")
		total := rapid.Int64Range(0, math.MaxInt64).Draw(t, "total")
		if wrong := allocated(total, weights, orbit.Allocate(total, weights)); wrong != "" {
			t.Fatalf("%v %s", orbit.Allocate(total, weights), wrong)
		}
	})
}

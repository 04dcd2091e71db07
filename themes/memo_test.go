package themes

import "testing"

func TestMemo(t *testing.T) {
	m := memo[int, int]{bound: 8}
	made := 0
	of := func(k int) int { return m.of(k, func() int { made++; return 10 * k }) }
	for i := range 100 {
		for _, k := range []int{i, 0} {
			if got := of(k); got != 10*k {
				t.Fatal(k, got)
			}
		}
		if n := len(m.young) + len(m.aged); n > 8 {
			t.Fatal("keeps", n)
		}
	}
	if made != 100 {
		t.Errorf("made %d, of 100 keys one of which was always in use", made)
	}
}

package live

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// follower is somebody who follows one shop.
type follower struct {
	merchant orbit.MerchantID
	hear     func(pg.Change)
}

// Follow calls a function with every event of a merchant's shop, every change of the merchant, and the change of
// nothing in particular that says that anything may have been missed, until stop is called. All are called from one
// goroutine: they must be quick.
func (f *Feed) Follow(m orbit.MerchantID, hear func(pg.Change)) (stop func()) {
	one := &follower{m, hear}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.followers[m] == nil {
		f.followers[m] = map[*follower]bool{}
	}
	f.followers[m][one] = true
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if delete(f.followers[m], one); len(f.followers[m]) == 0 {
			delete(f.followers, m)
		}
	}
}

// tell passes a change on to those who follow its shop.
func (f *Feed) tell(c pg.Change) {
	if c.Shop || c.Lost {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Merchant.IsZero() {
		for _, all := range f.followers {
			for one := range all {
				one.hear(c)
			}
		}
		return
	}
	for one := range f.followers[c.Merchant] {
		one.hear(c)
	}
}

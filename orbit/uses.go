package orbit

import (
	"fmt"
	"strings"
)

// Uses says who uses a theme or a plan.
type Uses struct {
	Total     int   // how many merchants, with those of which only something past is kept
	Current   int   // how many have chosen it now
	Merchants []Use // the first of them: those that use it now before the others, by name
}

// Use is one merchant that uses a theme or a plan: now, or in what is kept of its past.
type Use struct {
	ID       MerchantID
	Name     string
	Status   MerchantStatus
	Current  bool // chosen now; false: an older release or an earlier run names it
	Products int64
}

// Refusal says why a theme or a plan that is in use can't be deleted: kind is "theme" or "plan".
func (u Uses) Refusal(kind, name string) string {
	of := func(n int) string {
		var names []string
		for _, m := range u.Merchants[:min(len(u.Merchants), n, 3)] {
			names = append(names, m.Name)
		}
		list := strings.Join(names, ", ")
		switch more := n - len(names); {
		case more > 0:
			list += fmt.Sprintf(" and %d more", more)
		case len(names) > 1:
			i := strings.LastIndex(list, ", ")
			list = list[:i] + " and " + list[i+2:]
		}
		return list
	}
	message := name + " is in use."
	switch {
	case u.Current == 1:
		message = fmt.Sprintf("One merchant uses %s: %s.", name, of(1))
	case u.Current > 1:
		message = fmt.Sprintf("%d merchants use %s: %s.", u.Current, name, of(u.Current))
	case u.Total > 0:
		message = fmt.Sprintf("No merchant uses %s now, but %s used it before.", name, of(u.Total))
	}
	return message + " Deactivate the " + kind + " instead: new shops can't choose it then."
}

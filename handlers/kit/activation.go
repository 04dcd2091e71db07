package kit

import (
	"context"
	"slices"

	"orbit360.app/orbit"
)

// Activate gives the order to set a merchant up, or says all that is wrong with it at once: what can be told without
// the database, what isn't available, what is taken. Pages and the JSON API both come here.
func (k *Kit) Activate(ctx context.Context, id orbit.MerchantID, a orbit.Activation, who orbit.Actor) (orbit.RunID,
	error) {
	checked, err := a.Check(k.Addresses.Base)
	if err != nil {
		_, _, err = k.CheckActivation(ctx, id, a)
		return orbit.RunID{}, err
	}
	return k.DB.Activate(ctx, id, checked, k.Addresses.Base, who)
}

// CheckActivation is Activate without the order: the checked activation and the addresses in it that another shop has at
// the moment. The merchant's status isn't looked at.
func (k *Kit) CheckActivation(ctx context.Context, id orbit.MerchantID, a orbit.Activation) (checked orbit.Activation,
	taken orbit.Faults, err error) {
	checked, err = a.Check(k.Addresses.Base)
	wrong := orbit.FaultsOf(err)
	if err != nil && len(wrong) == 0 {
		return checked, nil, err
	}
	choices, taken, err := k.DB.CheckActivation(ctx, id, checked, k.Addresses.Base)
	if err != nil {
		return checked, nil, err
	}
	// What is malformed isn't looked for.
	malformed := func(f orbit.Fault) bool { return wrong.On(f.Field) }
	choices, taken = slices.DeleteFunc(choices, malformed), slices.DeleteFunc(taken, malformed)
	if len(wrong) > 0 || len(choices) > 0 {
		return checked, nil, slices.Concat(wrong, choices, taken).Err()
	}
	return checked, taken, nil
}

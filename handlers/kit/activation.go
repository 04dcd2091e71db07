package kit

import (
	"context"
	"slices"

	"orbit360.app/orbit"
)

// Activate gives the order to set a merchant up, or says all that is wrong with it at once: what can be
// told without the database, what isn't on offer, what is taken. Pages and the JSON API both come here.
func (k *Kit) Activate(ctx context.Context, id orbit.MerchantID, a orbit.Activation, who orbit.Actor) (orbit.RunID,
	error) {
	checked, err := a.Check(k.Addresses.Base)
	if err == nil {
		var run orbit.RunID
		if run, err = k.DB.Activate(ctx, id, checked, k.Addresses.Base, who); err == nil {
			return run, nil
		}
	}
	if len(orbit.FaultsOf(err)) == 0 {
		return orbit.RunID{}, err
	}
	// Something is wrong with it already; the rest is said along with it.
	offered, dbErr := k.notOffered(ctx, checked, err)
	if dbErr != nil {
		return orbit.RunID{}, dbErr
	}
	taken, dbErr := k.taken(ctx, id, checked, err)
	if dbErr != nil {
		return orbit.RunID{}, dbErr
	}
	return orbit.RunID{}, withFaults(err, append(offered, taken...))
}

// withFaults is err, an orbit.Error, with more faults; its code and message stay.
func withFaults(err error, more []orbit.Fault) error {
	if len(more) == 0 {
		return err
	}
	return &orbit.Error{Code: orbit.CodeOf(err), Message: orbit.Sentence(err),
		Faults: append(slices.Clone(orbit.FaultsOf(err)), more...), Err: err}
}

// CheckActivation is Activate without the order: the checked activation and what stands against it that
// depends on the moment (the merchant's status aside).
func (k *Kit) CheckActivation(ctx context.Context, id orbit.MerchantID, a orbit.Activation) (checked orbit.Activation,
	taken []orbit.Fault, err error) {
	checked, err = a.Check(k.Addresses.Base)
	offered, dbErr := k.notOffered(ctx, checked, err)
	if dbErr != nil {
		return checked, nil, dbErr
	}
	if taken, dbErr = k.taken(ctx, id, checked, err); dbErr != nil {
		return checked, nil, dbErr
	}
	switch {
	case err != nil:
		return checked, nil, withFaults(err, append(offered, taken...))
	case len(offered) > 0:
		return checked, nil, &orbit.Error{Code: orbit.Invalid, Message: "Please fix the errors below.",
			Faults: append(offered, taken...)}
	}
	return checked, taken, nil
}

func faultOn(err error, field string) bool {
	return slices.ContainsFunc(orbit.FaultsOf(err), func(f orbit.Fault) bool { return f.Field == field })
}

// notOffered are the faults of a theme and a plan that can't be chosen, where err doesn't tell of them.
func (k *Kit) notOffered(ctx context.Context, a orbit.Activation, err error) (faults []orbit.Fault, dbErr error) {
	if !faultOn(err, "theme") {
		t, dbErr := k.DB.Theme(ctx, a.Theme)
		if dbErr != nil && orbit.CodeOf(dbErr) != orbit.NotFound {
			return nil, dbErr
		}
		if !t.Active {
			faults = append(faults, orbit.Fault{Field: "theme", Value: a.Theme,
				Message: "This theme isn't on offer. Choose one that is."})
		}
	}
	if !faultOn(err, "plan") {
		p, dbErr := k.DB.Plan(ctx, a.Plan)
		if dbErr != nil && orbit.CodeOf(dbErr) != orbit.NotFound {
			return nil, dbErr
		}
		if !p.Active {
			faults = append(faults, orbit.Fault{Field: "plan", Value: a.Plan,
				Message: "This plan isn't on offer. Choose one that is."})
		}
	}
	return faults, nil
}

// taken are the faults of addresses that belong to another shop, where err doesn't tell of them.
func (k *Kit) taken(ctx context.Context, id orbit.MerchantID, a orbit.Activation, err error) (faults []orbit.Fault,
	dbErr error) {
	for _, claim := range []struct{ field, value, host string }{
		{"subdomain", a.Subdomain, a.Subdomain + "." + k.Addresses.Base}, {"customDomain", a.CustomDomain, a.CustomDomain},
	} {
		if claim.value == "" || faultOn(err, claim.field) {
			continue
		}
		is, dbErr := k.DB.HostTaken(ctx, claim.host, id)
		if dbErr != nil {
			return nil, dbErr
		}
		if is {
			faults = append(faults, orbit.Fault{Field: claim.field, Value: claim.value,
				Message: "This address is taken by another shop."})
		}
	}
	return faults, nil
}

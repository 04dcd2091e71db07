package themes

import "orbit360.app/orbit"

// Carried is what becomes of a shop's settings in another theme.
type Carried struct {
	Settings orbit.Settings // every one of the other theme
	Kept     []Difference   // were changed, and stay
	Lost     []Difference   // were changed, and are as the other theme has them; Is is "" where it has no such setting
}

// Carry returns a shop's settings in another theme, which comes with other. What the shop has otherwise than its own
// theme comes goes along, where the other engine has a setting of the same key and kind that takes the value. from is
// nil for an engine that is no more: nothing goes along.
func Carry(from, to Engine, own, shop, other orbit.Settings) Carried {
	schema := to.Schema()
	c := Carried{Settings: orbit.Settings(schema.Resolve(other))}
	if from == nil {
		return c
	}
	before, has := from.Schema().Resolve(own), from.Schema().Resolve(shop)
	for _, s := range from.Schema() {
		value := has[s.Key]
		if value == before[s.Key] {
			continue
		}
		d := Difference{Group: s.Group, Label: s.Label, Kind: s.Kind, Was: s.Words(value)}
		i := schema.index(s.Key)
		if i < 0 {
			c.Lost = append(c.Lost, d)
			continue
		}
		taken, err := schema[i].parse(value)
		if err != nil || schema[i].Kind != s.Kind {
			d.Is = schema[i].Words(c.Settings[s.Key])
			c.Lost = append(c.Lost, d)
			continue
		}
		c.Settings[s.Key] = taken
		d.Is = schema[i].Words(taken)
		c.Kept = append(c.Kept, d)
	}
	return c
}

package api

import (
	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// describe sets the descriptions of properties that are longer than a tag's line.
func describe(s *huma.Schema, properties map[string]string) *huma.Schema {
	for name, text := range properties {
		s.Properties[name].Description = text
	}
	return s
}

// choices returns the values of a list as a schema's enum.
func choices[T ~string](terms orbit.Terms[T]) (all []any) {
	for _, t := range terms {
		all = append(all, string(t.Value))
	}
	return all
}

// TransformSchema lists the categories.
func (NewMerchant) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["category"].Enum = choices(orbit.Categories())
	return s
}

// TransformSchema lists the categories and describes the confirmation.
func (Activation) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["category"].Enum = choices(orbit.Categories())
	return describe(s, map[string]string{
		"subdomain": "The shop's address below the platform's domain: letters, digits and hyphens, not reserved, not taken.",
		"confirmSubdomain": "Confirms that you checked a subdomain that could be mistaken for another brand, such as " +
			"paypal or secure. Without it, such a subdomain is refused with a fault on this field.",
		"goLive": "Whether the shop is live as soon as the run completes; otherwise visitors see the Opening soon page.",
	})
}

// TransformSchema explains the statuses.
func (Merchant) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return describe(s, map[string]string{
		"status": "pending: not activated yet. activating: a run is in progress. failed: the run failed and can be " +
			"retried or rolled back.",
		"provisioningStatus": "The status of the newest run.",
	})
}

// TransformSchema names the steps.
func (Step) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	keys := "One of the seven steps, in their order: "
	for i, d := range orbit.StepDefinitions() {
		if i > 0 {
			keys += ", "
		}
		keys += string(d.Key)
	}
	return describe(s, map[string]string{"key": keys + "."})
}

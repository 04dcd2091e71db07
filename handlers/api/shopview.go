package api

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// Shop is a merchant's own shop.
type Shop struct {
	ID          string             `json:"id" format:"uuid"`
	Name        string             `json:"name"`
	Code        string             `json:"code" doc:"The merchant ID that people see."`
	Subdomain   string             `json:"subdomain"`
	PrimaryHost string             `json:"primaryHost" doc:"The host that links name."`
	Status      string             `json:"status" enum:"pending,activating,active,failed,suspended"`
	Live        bool               `json:"live" doc:"Open to shoppers; otherwise Opening soon."`
	LegalName   string             `json:"legalName"`
	Email       string             `json:"email" doc:"Where shoppers write to."`
	Phone       string             `json:"phone"`
	Address     ShopAddress        `json:"address"`
	Currency    string             `json:"currency" doc:"ISO 4217 code."`
	Locale      string             `json:"locale" doc:"BCP 47 language tag."`
	Timezone    string             `json:"timezone" doc:"IANA name. Follows the country while it is the country's."`
	WeightUnit  string             `json:"weightUnit"`
	OrderPrefix string             `json:"orderPrefix" doc:"In front of the numbers of orders to come."`
	TaxIncluded bool               `json:"taxIncluded" doc:"All prices hold their taxes, of orders to come."`
	VATNumber   string             `json:"vatNumber" doc:"The seller's VAT or other tax number, as invoices have it."`
	Category    string             `json:"category" doc:"Line of business."`
	Tagline     string             `json:"tagline"`
	SEO         ShopSEO            `json:"seo" doc:"How search engines show the home page."`
	Social      map[string]string  `json:"social" doc:"Addresses of profiles, by network."`
	Theme       nullable[Choice]   `json:"theme"`
	Plan        nullable[ShopPlan] `json:"plan"`
	Onboarding  ShopOnboarding     `json:"onboarding"`
	Version     int                `json:"version" doc:"Counts edits of the settings; for If-Match."`
	CreatedAt   time.Time          `json:"createdAt"`
	UpdatedAt   time.Time          `json:"updatedAt"`
}

// ShopAddress is where a shop is.
type ShopAddress struct {
	Line1    string `json:"line1"`
	Line2    string `json:"line2"`
	City     string `json:"city"`
	Region   string `json:"region" doc:"Code of the state or province, where the country has them."`
	Postcode string `json:"postcode"`
	Country  string `json:"country" doc:"ISO 3166-1 alpha-2 code."`
}

// ShopSEO is how search engines show a shop's home page.
type ShopSEO struct {
	Title       string `json:"title"`
	Description string `json:"description"`
}

// ShopPlan is a shop's plan with what is used of it.
type ShopPlan struct {
	ID     string    `json:"id" format:"uuid"`
	Slug   string    `json:"slug"`
	Name   string    `json:"name"`
	Limits Limits    `json:"limits"`
	Usage  ShopUsage `json:"usage"`
}

// ShopUsage is what a shop has used of its plan. Months are those of the calendar in UTC.
type ShopUsage struct {
	Products                int64 `json:"products" minimum:"0"`
	OrdersThisMonth         int64 `json:"ordersThisMonth" minimum:"0"`
	StorageBytes            int64 `json:"storageBytes" minimum:"0"`
	BandwidthBytesThisMonth int64 `json:"bandwidthBytesThisMonth" minimum:"0"`
}

// ShopOnboarding is how far a shop is on its way to be opened.
type ShopOnboarding struct {
	Steps []ShopStep `json:"steps" nullable:"false"`
	Done  int        `json:"done" minimum:"0" doc:"Steps that are done."`
	Total int        `json:"total" minimum:"0"`
}

// ShopStep is a step of the onboarding.
type ShopStep struct {
	Key     string  `json:"key"`
	Done    bool    `json:"done" doc:"Computed from the shop, never ticked."`
	Skipped bool    `json:"skipped"`
	Reason  *string `json:"reason" doc:"Why it was skipped."`
}

// TransformSchema lists the steps.
func (ShopStep) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["key"].Enum = choices(orbit.OnboardingParts())
	return s
}

// TransformSchema lists the units.
func (Shop) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["weightUnit"].Enum = choices(orbit.WeightUnits())
	return s
}

func ownShop(s orbit.ShopSheet) Shop {
	m, set, a := s.Merchant, s.Settings, s.Settings.Address
	out := Shop{ID: m.ID.String(), Name: m.Name, Code: m.Code, Subdomain: m.Subdomain, PrimaryHost: s.Primary,
		Status: string(m.Status), Live: m.Live(), LegalName: set.LegalName, Email: set.Email, Phone: set.Phone,
		Address:  ShopAddress{a.Line1, a.Line2, a.City, a.Region, a.Postcode, a.Country},
		Currency: set.Currency, Locale: set.Locale, Timezone: set.Timezone, WeightUnit: string(set.WeightUnit),
		OrderPrefix: set.OrderPrefix, TaxIncluded: set.TaxIncluded, VATNumber: set.VATNumber,
		Category: string(m.Category), Tagline: set.Tagline,
		SEO: ShopSEO{set.Title, set.Description}, Social: map[string]string{},
		Theme:      choice(s.Theme.ID.String(), s.Theme.Slug, s.Theme.Name),
		Onboarding: ShopOnboarding{Steps: []ShopStep{}, Done: s.Onboarding.Done(), Total: len(s.Onboarding.Steps)},
		Version:    set.Version, CreatedAt: m.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt().UTC()}
	for network, address := range set.Social {
		out.Social[string(network)] = address
	}
	if p := s.Plan; p.Slug != "" {
		out.Plan = some(ShopPlan{ID: p.ID.String(), Slug: p.Slug, Name: p.Name, Limits: Limits(p.Limits),
			Usage: ShopUsage(s.Usage)})
	}
	for _, step := range s.Onboarding.Steps {
		out.Onboarding.Steps = append(out.Onboarding.Steps, ShopStep{Key: string(step.Part), Done: step.Done,
			Skipped: step.Skipped, Reason: text(step.Reason)})
	}
	return out
}

// ShopChange is what may be changed about a shop.
type ShopChange struct {
	Name        Change[string]        `json:"name,omitempty" minLength:"2" maxLength:"80"`
	Category    Change[string]        `json:"category,omitempty" doc:"Line of business."`
	LegalName   Change[string]        `json:"legalName,omitempty" nullable:"true" maxLength:"120"`
	Email       Change[string]        `json:"email,omitempty" format:"email" maxLength:"254" doc:"For shoppers."`
	Phone       Change[string]        `json:"phone,omitempty" nullable:"true" maxLength:"40"`
	Address     Change[AddressChange] `json:"address,omitempty" doc:"Its fields are merged too; null empties them all."`
	Currency    Change[string]        `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217 code."`
	Locale      Change[string]        `json:"locale,omitempty" doc:"BCP 47 language tag."`
	Timezone    Change[string]        `json:"timezone,omitempty" doc:"IANA name, such as Europe/Berlin."`
	WeightUnit  Change[string]        `json:"weightUnit,omitempty"`
	OrderPrefix Change[string]        `json:"orderPrefix,omitempty" nullable:"true" maxLength:"12"`
	TaxIncluded Change[bool]          `json:"taxIncluded,omitempty"`
	VATNumber   Change[string]        `json:"vatNumber,omitempty" nullable:"true" maxLength:"40"`
	Tagline     Change[string]        `json:"tagline,omitempty" nullable:"true" maxLength:"120"`
	SEO         Change[SEOChange]     `json:"seo,omitempty"`
	Social      Change[SocialChange]  `json:"social,omitempty" doc:"Addresses or names of profiles."`
}

// AddressChange is what may be changed about an address.
type AddressChange struct {
	Line1    Change[string] `json:"line1,omitempty" nullable:"true" maxLength:"160"`
	Line2    Change[string] `json:"line2,omitempty" nullable:"true" maxLength:"160"`
	City     Change[string] `json:"city,omitempty" nullable:"true" maxLength:"100"`
	Region   Change[string] `json:"region,omitempty" nullable:"true" doc:"Code or name of the state or province."`
	Postcode Change[string] `json:"postcode,omitempty" nullable:"true" maxLength:"16"`
	Country  Change[string] `json:"country,omitempty" nullable:"true" doc:"ISO 3166-1 alpha-2 code."`
}

// SEOChange is what may be changed about how search engines show the home page.
type SEOChange struct {
	Title       Change[string] `json:"title,omitempty" nullable:"true" maxLength:"70"`
	Description Change[string] `json:"description,omitempty" nullable:"true" maxLength:"320"`
}

// SocialChange is what may be changed about a shop's profiles elsewhere.
type SocialChange struct {
	Instagram Change[string] `json:"instagram,omitempty" nullable:"true" maxLength:"200"`
	Facebook  Change[string] `json:"facebook,omitempty" nullable:"true" maxLength:"200"`
	TikTok    Change[string] `json:"tiktok,omitempty" nullable:"true" maxLength:"200"`
	YouTube   Change[string] `json:"youtube,omitempty" nullable:"true" maxLength:"200"`
	Pinterest Change[string] `json:"pinterest,omitempty" nullable:"true" maxLength:"200"`
	X         Change[string] `json:"x,omitempty" nullable:"true" maxLength:"200"`
	LinkedIn  Change[string] `json:"linkedin,omitempty" nullable:"true" maxLength:"200"`
}

// TransformSchema lists categories and units.
func (ShopChange) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["category"].Enum = choices(orbit.Categories())
	s.Properties["weightUnit"].Enum = choices(orbit.WeightUnits())
	return s
}

// patchOf returns what was sent of a change, by the names that the rules have for fields.
func patchOf(change ShopChange) orbit.ShopPatch {
	patch := orbit.ShopPatch{}
	var collect func(v reflect.Value, at string, all bool)
	collect = func(v reflect.Value, at string, all bool) {
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			field := v.Field(i)
			value, sent := field.FieldByName("Value"), field.FieldByName("Sent").Bool()
			switch {
			case !sent && !all:
			case value.Kind() == reflect.Struct && name == "seo":
				collect(value, "", field.FieldByName("Null").Bool()) // the rules have these beside the others
			case value.Kind() == reflect.Struct:
				collect(value, name, field.FieldByName("Null").Bool())
			default:
				patch[join(at, name)] = fmt.Sprint(value.Interface())
			}
		}
	}
	collect(reflect.ValueOf(change), "", false)
	return patch
}

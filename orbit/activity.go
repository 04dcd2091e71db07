package orbit

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ActivityArea is a part of a shop's activity log: the actions of some areas of the audit log, and some more.
type ActivityArea struct {
	Key, Name string
	Areas     []string // what actions begin with, up to the dot
	Actions   []Action // of areas that aren't the shop's as a whole
}

// ActivityAreas returns the parts of a shop's activity log. What is in none of them is the platform's own, and no shop
// sees it.
func ActivityAreas() []ActivityArea {
	return []ActivityArea{
		{"orders", "Orders", []string{"order"}, nil},
		{"products", "Products", []string{"product", "image", "samples"}, nil},
		{"customers", "Customers", []string{"customer"}, nil},
		{"discounts", "Discounts", []string{"discount"}, nil},
		{"store", "Online store", []string{"release", "preview", "branding"}, []Action{ActionMerchantLive,
			ActionMerchantClosed, ActionMerchantTheme}},
		{"settings", "Settings", []string{"payment", "onboarding", "apikey", "webhook", "shipping", "tax"}, []Action{
			ActionMerchantUpdated,
			ActionMerchantPlan, ActionMerchantSuspended, ActionMerchantResumed}},
		{"staff", "Staff", []string{"staff", "support"}, nil},
	}
}

// Has reports whether an action belongs to the area.
func (a ActivityArea) Has(action Action) bool {
	return slices.Contains(a.Areas, action.Area()) || slices.Contains(a.Actions, action)
}

// ActivityLine is one thing that was done in a shop, as its people read it: no address, none of the platform's details.
type ActivityLine struct {
	AuditLine `bun:",extend"`
	Member    bool // works in the shop
	Admin     bool // runs the platform
	Times     int  // how often it was done, one after the other, where FoldActivity made one of several; else 0
}

// foldWithin is how far apart changes may be that are read as one: a form that saves itself makes one of each field.
const foldWithin = 10 * time.Minute

// FoldActivity makes one line of neighbors that say the same of the same: the newest, with how often and, for the
// shop's settings, with the fields of all of them.
func FoldActivity(lines []ActivityLine) (folded []ActivityLine) {
	for _, l := range lines {
		n := len(folded)
		if n == 0 || !folded[n-1].same(l) {
			folded = append(folded, l)
			continue
		}
		last := &folded[n-1]
		last.Times = max(last.Times, 1) + 1
		last.Detail = Details{"fields": strings.Join([]string{last.fields(), l.fields()}, " ")}
	}
	return folded
}

// same reports whether two lines differ in the time and the fields alone, and not by much.
func (l ActivityLine) same(o ActivityLine) bool {
	return l.Action == o.Action && l.Target == o.Target && l.Who() == o.Who() && l.At.Sub(o.At) < foldWithin
}

func (l ActivityLine) fields() string {
	fields, _ := l.Detail["fields"].(string)
	return fields
}

// Support is what a shop calls the platform's admins.
const Support = "ORBIT360 support"

// Who names who did it: a person, the platform's support, or the platform by itself.
func (l ActivityLine) Who() string {
	switch {
	case l.ActorID.IsZero() && l.Actor == System.Name:
		return "ORBIT360"
	case l.ActorID.IsZero():
		return "Somebody"
	case l.Admin && !l.Member:
		return Support
	case l.Person == "":
		return "A former member"
	}
	name, _ := l.By()
	return name
}

// Sentence says what was done, behind Who: "created the product Stoneware Mug".
func (l ActivityLine) Sentence() string {
	words := l.Action.Words()
	switch l.Action {
	case ActionMerchantSuspended:
		words = "Suspended the shop"
	case ActionMerchantResumed:
		words = "Resumed the shop"
	case ActionMerchantUpdated:
		if fields := ShopFieldNames(l.fields()); fields != "" {
			return "changed the shop's " + fields
		}
		return "changed the shop's settings"
	case ActionMerchantLive, ActionMerchantClosed, ActionBrandChanged:
	default:
		words = l.Action.Said(l.Target)
	}
	if l.Times > 1 {
		words += " (" + strconv.Itoa(l.Times) + " times)"
	}
	return lowered(words)
}

func lowered(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}

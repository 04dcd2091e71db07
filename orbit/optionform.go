package orbit

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
)

// OptionForm is an option as people type it.
type OptionForm struct {
	Name   string
	Was    string // what it is called now, "" for a new one
	Values []ValueForm
	Add    string // more values: one a line, or, on one line, with commas between them
}

// ValueForm is a value of an option as people type it; without text it goes.
type ValueForm struct {
	Value string
	Was   string // what it is called now, "" for a new one
}

func (o OptionForm) empty() bool { return strings.TrimSpace(o.Name) == "" && len(o.values()) == 0 }

// values returns the values that have a text, those to be added last. An Add that can't be read is left out.
func (o OptionForm) values() []ValueForm {
	all := slices.Clone(o.Values)
	if more, err := optionValues(o.Add); err == nil {
		for _, value := range more {
			all = append(all, ValueForm{Value: value})
		}
	}
	return slices.DeleteFunc(all, func(v ValueForm) bool {
		clean, ok := Line(v.Value)
		return ok && clean == ""
	})
}

// optionValues separates what was typed: each line is a value; on one line alone, commas separate them, and quotes hold
// a comma that belongs to a value. Where it can't be told which it is, the error says so.
func optionValues(typed string) ([]string, error) {
	typed = strings.TrimSpace(Clean(typed))
	if strings.Contains(typed, "\n") {
		return strings.Split(typed, "\n"), nil
	}
	if unfit(typed, false) == "" && !strings.Contains(typed, `"`) && decimalComma.MatchString(typed) &&
		spacedComma.MatchString(typed) {
		return nil, Errorf(Invalid, "It isn't clear which commas separate values. Enter one value per line.")
	}
	r := csv.NewReader(strings.NewReader(typed))
	r.TrimLeadingSpace, r.LazyQuotes = true, true
	values, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, Errorf(Invalid, "These values can't be read. Enter one value per line.")
	}
	return values, nil
}

// A comma between two digits, as in 38,5, beside one that a space follows.
var decimalComma, spacedComma = regexp.MustCompile(`[0-9],[0-9]`), regexp.MustCompile(`,\s`)

// combinations returns all choices of one value of each option, in the options' order; one empty choice without
// options.
func combinations(options []Option) [][]string {
	all := [][]string{{}}
	for _, o := range options {
		var next [][]string
		for _, begun := range all {
			for _, v := range o.Values {
				next = append(next, append(slices.Clone(begun), v))
			}
		}
		all = next
	}
	return all
}

// slot is an option of the form as the grid needs it: the values that it is to have, with what they were called.
type slot struct {
	at     int // its place among the values of the rows as the form shows them, -1 for a new option
	values []ValueForm
}

// Grid returns a row for each combination of the options' values, as they are after the edit. A variant that was there
// keeps its row under the new names; with an option more it takes that one's first value; with one less, the first of
// those that become the same stays. A combination that had no row begins like the one that is nearest to it, with
// nothing in stock. Offered is what such a row begins with: a product needn't have every combination.
func (f ProductForm) Grid(offered bool) []VariantForm {
	var slots []slot
	count, shown := 1, 0
	for _, o := range f.Options {
		at := -1
		if o.Was != "" {
			at, shown = shown, shown+1
		}
		if o.empty() {
			continue
		}
		values := o.values()
		slots = append(slots, slot{at, values})
		count *= max(1, len(values))
	}
	if count > 10*MaxVariants { // refused elsewhere
		return make([]VariantForm, count)
	}
	rows := make([]VariantForm, 0, count)
	taken := map[VariantID]bool{}
	choice := make([]int, len(slots))
	for range count {
		values := make([]string, len(slots))
		for i, s := range slots {
			if len(s.values) > 0 {
				values[i], _ = Line(s.values[choice[i]].Value)
			}
		}
		row, exact := f.nearest(slots, choice, taken)
		if exact {
			taken[row.ID] = true
		} else {
			row.ID, row.SKU, row.Barcode, row.Stock, row.Was, row.Offered = NewID[Variant](), "", "", "0", 0, offered
		}
		row.Values = values
		rows = append(rows, row)
		for i := len(slots) - 1; i >= 0; i-- {
			if choice[i]++; choice[i] < len(slots[i].values) {
				break
			}
			choice[i] = 0
		}
	}
	return rows
}

// Shown returns the form with the variants that its options make, and the options as they are called then.
func (f ProductForm) Shown() ProductForm {
	rows := f.Grid(true)
	options := f.Options
	f.Options, f.Variants = [MaxOptions]OptionForm{}, rows
	n := 0
	for _, o := range options {
		if o.empty() {
			continue
		}
		shown := OptionForm{Name: o.Name, Was: o.Name}
		for _, v := range o.values() {
			clean, _ := Line(v.Value)
			shown.Values = append(shown.Values, ValueForm{clean, clean})
		}
		f.Options[n] = shown
		n++
	}
	return f
}

// nearest returns the row that has most of the values of a combination. exact tells that it is the combination's own.
func (f ProductForm) nearest(slots []slot, choice []int, taken map[VariantID]bool) (row VariantForm, exact bool) {
	row, best := NewVariantForm(), -1
	for _, r := range f.Variants {
		same, own := 0, !taken[r.ID]
		for i, s := range slots {
			if len(s.values) == 0 {
				continue
			}
			value := s.values[choice[i]]
			switch {
			case s.at < 0:
				own = own && choice[i] == 0
			case s.at < len(r.Values) && value.Was != "" && r.Values[s.at] == value.Was:
				same++
			default:
				own = false
			}
		}
		if own {
			return r, true
		}
		if same > best {
			row, best = r, same
		}
	}
	return row, false
}

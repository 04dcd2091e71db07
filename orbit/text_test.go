package orbit

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ typed, want string }{
		"plain":                     {"Juniper & Salt", "Juniper & Salt"},
		"decomposed":                {"Zoe\u0308", "Zoë"},
		"decomposed, kept apart":    {"e\u034f\u0301", "é"},
		"zero width space":          {"jun\u200biper", "juniper"},
		"word joiner":               {"jun\u2060iper", "juniper"},
		"byte order mark":           {"\ufeffjuniper", "juniper"},
		"soft hyphen":               {"juni\u00adper", "juniper"},
		"no-break space":            {"a\u00a0b\u202fc\u3000d\u2003e", "a b c d e"},
		"braille blank":             {"a\u2800b", "a b"},
		"Hangul filler":             {"\u3164a\uffa0", "a"},
		"marks of direction":        {"\u200eabc\u200f\u061c", "abc"},
		"embeddings and isolates":   {"\u202aabc\u202c \u2066def\u2069", "abc def"},
		"an address book's wrapper": {"\u202d+1 555 0100\u202c", "+1 555 0100"},
		"reversed on purpose":       {"a\u202eb", "a\u202eb"}, // for its reader to refuse
		"forced upon Hebrew":        {"\u202dשלום", "\u202dשלום"},
		"tags":                      {"a\U000e0061\U000e0062b", "ab"},
		"line breaks":               {"a\r\nb\rc\u2028d\u2029e\u0085f", "a\nb\nc\nd\ne\nf"},
		"control characters":        {"a\x00b\tc", "a\x00b\tc"}, // for its reader to refuse
		"not UTF-8":                 {"a\xff\u200b", "a\xff\u200b"},
		"astronaut":                 {"👩\u200d🚀", "👩\u200d🚀"},
		"family":                    {"👨\u200d👩\u200d👧\u200d👦", "👨\u200d👩\u200d👧\u200d👦"},
		"rainbow flag":              {"🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"},
		"skin tone":                 {"🧑🏽\u200d🦱", "🧑🏽\u200d🦱"},
		"head shaking":              {"🙂\u200d↔\ufe0f", "🙂\u200d↔\ufe0f"},
		"heart":                     {"❤\ufe0f", "❤\ufe0f"},
		"as text":                   {"❤\ufe0e", "❤\ufe0e"},
		"keycap":                    {"1\ufe0f\u20e3", "1\ufe0f\u20e3"},
		"Scotland": {"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!",
			"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f!"},
		"no flag":                {"🏴\U000e0067a", "🏴a"},
		"Persian":                {"می\u200cخواهم", "می\u200cخواهم"},
		"Persian with a vowel":   {"مِ\u200cخ", "مِ\u200cخ"},
		"Persian, doubled":       {"می\u200c\u200cخواهم", "می\u200cخواهم"},
		"an Arabic initial":      {"ه\u200d", "ه\u200d"},
		"Hindi":                  {"क्\u200dष", "क्\u200dष"},
		"Bengali":                {"র\u200d্য", "র\u200d্য"},
		"Sinhala":                {"ශ්\u200dරී", "ශ්\u200dරී"},
		"Mongolian":              {"ᠠ\u180b", "ᠠ\u180b"},
		"a form of a Han letter": {"葛\U000e0100", "葛\U000e0100"},
		"joiners between Latin":  {"a\u200db\u200cc", "abc"},
		"selectors after Latin":  {"a\ufe0fb\ufe00", "ab"},
		"joiner at an end":       {"👩\u200d", "👩"},
		"Arabic number sign":     {"\u0601١٢", "\u0601١٢"},
	} {
		if got := Clean(tc.typed); got != tc.want {
			t.Errorf("%s: %+q, want %+q", name, got, tc.want)
		}
	}
}

// texts draws strings that hold much of what this is about.
func texts() *rapid.Generator[string] {
	odd := []rune(
		"aé1#\u0301\u00a0\u200b\u200c\u200d\u200e\u202a\u202c\u202d\u202e\u2060\u2066\u2069\ufeff\u00ad" +
			"\ufe0f\ufe00\u034f\u3164\u2800\u115f\u1160ᄀ가\x00\r\n\t\u2028" +
			"🏴👩🏽❤\U000e0067\U000e007f\U000e0100葛میقक्র্ᠠ\u180b\u180e שא©‼\u20e3")
	return rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(odd), rapid.Rune()), 0, 24).Draw(t, "text"))
	})
}

func TestCleanTwice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := texts().Draw(t, "typed")
		once := Clean(s)
		if twice := Clean(once); twice != once {
			t.Fatalf("%+q, then %+q, then %+q", s, once, twice)
		}
		if !utf8.ValidString(once) || !norm.NFC.IsNormalString(once) ||
			strings.ContainsAny(once, "\r\u00a0\u200b\u2060\ufeff\u00ad\u200e\u2028") {
			t.Fatalf("%+q", once)
		}
		if Visible(s) != Visible(once) {
			t.Fatalf("%+q shows something, %+q doesn't, or the other way round", s, once)
		}
		if p := Plain(s); strings.ContainsFunc(p, func(r rune) bool {
			return invisible(r) && r != rightToLeftOverride &&
				r != leftToRightOverride
		}) || Plain(p) != p {
			t.Fatalf("%+q, then %+q", p, Plain(p))
		}
		if q := Search(s, 10); strings.ContainsFunc(q, unicode.IsControl) || strings.ContainsAny(q, "\u202d\u202e") ||
			Search(q, 10) != q || utf8.RuneCountInString(q) > 10 {
			t.Fatalf("%+q is searched as %+q, then as %+q", s, q, Search(q, 10))
		}
		if line, ok := Line(s); ok && line != "" && !Visible(line) {
			t.Fatalf("%+q", line)
		}
	})
}

// Each text that an application can't do without needs something that can be seen.
func TestNothingVisible(t *testing.T) {
	t.Parallel()
	for _, nothing := range []string{"", " ", "\u200b\u200b\u200b", "\u00a0\u00a0", "\u2060\ufeff", "\u00ad\u00ad",
		"\u202d\u202c", "\u3164\u3164", "\u2800\u2800", "\u200d\u200c", "\U000e0041\U000e0042", "\u0301\u0301",
		"\ufe0f\ufe0f"} {
		_, err := Application{Name: nothing, OwnerName: nothing, Email: nothing, Category: "fashion"}.Check()
		var fields []string
		for _, f := range FaultsOf(err) {
			if strings.HasSuffix(f.Message, "is required.") {
				fields = append(fields, f.Field)
			}
		}
		if want := []string{"name", "ownerName", "email"}; !slices.Equal(fields, want) {
			t.Errorf("%+q: faults on %v, want %v", nothing, fields, want)
		}
		if Search(nothing, 10) != "" || Visible(nothing) {
			t.Errorf("%+q is something", nothing)
		}
	}
}

func TestEmailsThatNobodySees(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"ada@example.com\u200b": "ada@example.com", "\ufeffada@example.com": "ada@example.com",
		"a\u2060da@exam\u00adple.com": "ada@example.com", "\u202aada@example.com\u202c": "ada@example.com",
		"\u00a0ada@example.com\u3000": "ada@example.com", "ada\u200d@example.com": "ada@example.com",
		"zoe\u0308@example.com": "zoë@example.com", "Ada@Müller.example": "Ada@xn--mller-kva.example",
		"می\u200cخ@example.com": "میخ@example.com",
	} {
		if got, err := ParseEmail(typed); err != nil || got != want {
			t.Errorf("%+q: %+q, %v, want %q", typed, got, err, want)
		}
	}
	for typed, why := range map[string]string{
		"ada\u00a0l@example.com": "spaces", "ada\u202el@example.com": "reverse", "ada\r\n@example.com": "line breaks",
		"ada\x00@example.com": "control", "a b@example.com": "spaces", "ada\xff@example.com": "aren't text",
		"ada": "such as",
	} {
		if got, err := ParseEmail(typed); err == nil || !strings.Contains(Sentence(err), why) {
			t.Errorf("%+q: %q, %v", typed, got, err)
		}
	}
}

// What address books and forms of other systems hand over as a phone number is kept; what isn't one is refused, never
// dropped.
func TestPhones(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"": "", "\u202d\u202c": "", "+44 20 7946 0000": "+44 20 7946 0000",
		"\u202d+1 (555) 010-0199\u202c":                "+1 (555) 010-0199",
		"\u202a+1\u00a0(555)\u00a0010\u20110199\u202c": "+1 (555) 010-0199",
		"+1\u2013555\u2212010\u20140199":               "+1-555-010-0199", "＋８１ ３ １２３４ ５６７８": "+81 3 1234 5678",
		"٠١٢٣٤٥٦٧٨٩":              "0123456789",
		"۰۲۱-۱۲۳۴۵":               "021-12345",
		"+1 555 010 0199 ext. 12": "+1 555 010 0199 ext. 12", "5550100199x12": "5550100199x12",
		"020/79460000": "020/79460000", "\u200e020\u200b7946\u20600000": "02079460000",
	} {
		var f Faults
		if got := f.phone("phone", typed); got != want || len(f) > 0 {
			t.Errorf("%+q: %+q, %v, want %q", typed, got, f, want)
		}
	}
	for _, typed := range []string{"call me", "123", "+1 555 \u202e0100 99", "555 0100\n199", "555\x000100",
		"+1 555 010 0199 <b>", strings.Repeat("5", 41), "\xff55501001", "12345 ext"} {
		var f Faults
		if got := f.phone("phone", typed); len(f) != 1 || got == "" {
			t.Errorf("%+q: %q, %v", typed, got, f)
		}
	}
}

func TestDiscountCodeAsTyped(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"welcome10": "WELCOME10", " wel come\u00a010 ": "WELCOME10", "WEL\u200bCOME\u206010\ufeff": "WELCOME10",
		"\u202dWELCOME10\u202c": "WELCOME10", "ＷＥＬＣＯＭＥ１０": "WELCOME10", "WELCOME\u00ad10": "WELCOME10",
		"": "", "\u200b": "", "cafe\u0301": "CAFÉ",
	} {
		if got := DiscountCode(typed); got != want {
			t.Errorf("%+q: %+q, want %q", typed, got, want)
		}
	}
	for _, typed := range []string{"WELCOME10\x00", "\u202eWELCOME10", "WELCOME10\xff", strings.Repeat("A", 61), "A\nB",
		"\u0301"} {
		if got, err := ParseDiscountCode(typed); got != "" || !errors.Is(err, ErrNoDiscount) {
			t.Errorf("%+q: %+q, %v", typed, got, err)
		}
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"a\r\n\r\nb\u200b": "a\n\nb", " a  b\u00a0c ": "a  b c", "\u200b\u2060": "",
		"قال می\u200cخواهم 👩\u200d🚀": "قال می\u200cخواهم 👩\u200d🚀"} {
		var f Faults
		if got := f.text("note", "The note", typed, 100); got != want || len(f) > 0 {
			t.Errorf("%+q: %+q, %v, want %+q", typed, got, f, want)
		}
	}
	for typed, why := range map[string]string{"a\u202eb": "reverse the direction", "a\x00b": "control characters",
		"a\xffb": "aren't text", strings.Repeat("a", 101): "at most 100"} {
		var f Faults
		if f.text("note", "The note", typed, 100); len(f) != 1 || !strings.Contains(f[0].Message, why) {
			t.Errorf("%+q: %v", typed, f)
		}
	}
}

func TestRegionsOfAddresses(t *testing.T) {
	t.Parallel()
	form := CheckoutForm{Key: NewID[Order]().String(), Email: "ada@example.com", Name: "Ada Lovelace",
		Line1: "12 Quay Street", City: "Kralendijk", Postcode: "12345", Shipping: "Standard", Payment: "manual"}
	rates, methods := []ShippingRate{{Name: "Standard"}}, []PaymentMethod{{Kind: "manual", Enabled: true}}
	for _, tc := range []struct{ country, region, postcode, want string }{
		{"US", "ca", "12345", "CA"}, {"US", "D.C.", "12345", "DC"}, {"US", "Puerto Rico", "12345", "PR"},
		{"CA", "Québec", "12345", "QC"}, {"AU", "nsw", "2000", "NSW"},
		{"DE", "", "10115", ""}, {"GB", "Cornwall", "TR1 2EH", "Cornwall"}, {"BQ", "", "", ""}, {"HK", "", "", ""},
		{"NG", "", "", ""}, {"TT", "", "", ""},
	} {
		form.Country, form.Region, form.Postcode = tc.country, tc.region, tc.postcode
		if got, err := form.Check(rates, methods); err != nil || got.Region != tc.want {
			t.Errorf("%v: %q, %v", tc, got.Region, FaultsOf(err))
		}
	}
	for _, tc := range []struct{ country, region, postcode, fault string }{
		{"US", "", "12345", "region"}, {"CA", "NY", "12345", "region"}, {"AU", "Tasmania!", "7000", "region"},
		{"US", "a\u202eb", "12345", "region"}, {"US", "CA", "", "postcode"}, {"DE", "", "", "postcode"},
	} {
		form.Country, form.Region, form.Postcode = tc.country, tc.region, tc.postcode
		if _, err := form.Check(rates, methods); len(FaultsOf(err)) != 1 || FaultsOf(err)[0].Field != tc.fault {
			t.Errorf("%v: %v", tc, FaultsOf(err))
		}
	}
}

func TestOptionValues(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"38\n38,5\n39": {"38", "38,5", "39"}, "38\r\n38,5\r\n": {"38", "38,5"},
		"Small, Medium,Large,": {"Small", "Medium", "Large"}, "38,39,40": {"38", "39", "40"},
		`38, "38,5", 39`:  {"38", "38,5", "39"},
		"0.5 l\n\n0.75 l": {"0.5 l", "0.75 l"}, "Red, white and blue\nBlack": {"Red, white and blue", "Black"},
		`5" pipe, 6" pipe`: {`5" pipe`, `6" pipe`},
	} {
		var f Faults
		form := ProductForm{Options: [MaxOptions]OptionForm{{Name: "Size", Add: typed}}}
		if got := form.options(&f); len(f) > 0 || len(got) != 1 || !slices.Equal(got[0].Values, want) {
			t.Errorf("%q: %v, %v", typed, got, f)
		}
	}
	for typed, why := range map[string]string{"38, 38,5, 39": "one value per line", "S, M, s": "twice", "S\nM\nS": "twice",
		" , ": "one per line", "a\x00b, c": "on one line"} {
		var f Faults
		form := ProductForm{Options: [MaxOptions]OptionForm{{Name: "Size", Add: typed}}}
		if form.options(&f); len(f) != 1 || !strings.Contains(f[0].Message, why) {
			t.Errorf("%q: %v", typed, f)
		}
	}
}

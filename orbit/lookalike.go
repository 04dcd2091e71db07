package orbit

import (
	"slices"
	"strings"
)

// What phishers like to be taken for. Brands with names that are plain words of many shops (apple, visa, stripe) count
// only as a whole word of a subdomain, the others wherever they stand.
const (
	lookalikeBrands = `paypal orbit360 shopify google gmail microsoft outlook office365 onedrive icloud facebook instagram
		whatsapp telegram linkedin twitter tiktok youtube netflix spotify amazon walmart alibaba aliexpress
		mastercard maestro americanexpress coinbase binance metamask blockchain klarna venmo cashapp
		wellsfargo bankofamerica citibank barclays santander hsbc unicredit deutschebank revolut docusign
		dropbox github gitlab cloudflare godaddy steampowered`
	lookalikeNames = `orbit apple visa amex stripe chase square wise meta ebay adyen paxos kraken ledger trezor fedex ups
		usps dhl hermes dpd gls zelle irs hmrc gov police interpol interac ideal swift iban discover`
	lookalikeTrust = `secure security secured verify verified verification validate confirm confirmation authenticate
		authentication auth login logon signin signon signup password passwd passcode account accounts
		myaccount wallet bank banking support helpdesk customercare customerservice official billing invoice
		refund payment payments unlock suspended recovery reset update webmail admin administrator staff
		abuse`
)

// LooksLike names what a subdomain could be taken for: a brand, a reserved name, the platform itself or a word that
// asks for trust, also spelled with look-alike digits and letters. "" where there is nothing. Such a subdomain may be
// somebody's own name: a person decides (Activation.ConfirmSubdomain).
func LooksLike(subdomain string) string {
	words := strings.Split(subdomain, "-")
	whole := foldLookalikes(strings.ReplaceAll(subdomain, "-", ""))
	for _, brand := range strings.Fields(lookalikeBrands) {
		if strings.Contains(whole, foldLookalikes(brand)) {
			return brand
		}
	}
	for _, list := range []string{lookalikeNames, lookalikeTrust} {
		for _, name := range strings.Fields(list) {
			folded := foldLookalikes(name)
			if whole == folded || slices.ContainsFunc(words, func(w string) bool { return foldLookalikes(w) == folded }) {
				return name
			}
		}
	}
	for _, name := range strings.Fields(reservedLabels) {
		// Short ones fold to too much.
		if len(name) >= 4 && whole == foldLookalikes(name) {
			return name
		}
	}
	return ""
}

var (
	lookalikeDigits = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "6", "b", "7", "t", "8", "b",
		"9", "g", "2", "z")
	lookalikeLetters = strings.NewReplacer("l", "i", "j", "i", "q", "g", "vv", "w", "rn", "m")
)

// foldLookalikes gives what looks alike one form: digits for letters, l for i, rn for m, and letters that are doubled.
// What has more digits than letters reads as a number: 6512313565e4 isn't Zelle.
func foldLookalikes(s string) string {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if 2*digits <= len(s) {
		s = lookalikeDigits.Replace(s)
	}
	return string(slices.Compact([]byte(lookalikeLetters.Replace(s))))
}

package orbit

import "strings"

// Country is where something can be sent.
type Country struct{ Code, Name string } // ISO 3166-1 alpha-2, and English

// Countries returns all of them, by name.
func Countries() []Country {
	entries := strings.Split(countries, "|")
	out := make([]Country, len(entries))
	for i, e := range entries {
		out[i].Code, out[i].Name, _ = strings.Cut(e, " ")
	}
	return out
}

// CountryName is the name of a country, "" for a code that is none.
func CountryName(code string) string {
	if len(code) != 2 || strings.ContainsAny(code, "| ") {
		return ""
	}
	_, rest, ok := strings.Cut("|"+countries, "|"+code+" ")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "|")
	return name
}

// withoutPostcode holds countries where an address is complete without one: they have none, or people leave it out
// (Google's libaddressinput, the fields that each country requires, as of November 2026).
const withoutPostcode = "" +
	"AD AE AG AI AL AM AO AR AW AZ BA BB BD BF BG BH BI BJ BM BN BO BQ BS BT BW BY BZ CC CD CF CG CI CK CL CM " +
	"CO CR CU CV CW CX CY DJ DM DO DZ EC EG EH ER ET FJ FO GA GD GE GH GI GM GN GQ GT GW GY HK HN HR HT ID IE " +
	"IL IQ IR IS JM JO KE KG KH KI KM KN KP KW KY LA LB LC LK LR LS LY MA MC MD ME MG MK ML MM MN MO MR MS MT " +
	"MU MV MW MZ NA NE NF NG NI NP NR NU OM PA PE PG PH PK PS PY QA RS RW SA SB SC SD SI SL SN SO SR SS ST SV " +
	"SX SY SZ TD TG TH TJ TK TL TM TN TO TT TV TZ UG UM UY UZ VA VC VE VG VN VU WS XK YE ZM ZW"

// countries holds ISO 3166-1 and Kosovo, with the English names that Unicode has in November 2026. The library that
// brings them (golang.org/x/text) is of CLDR 32, which says Macedonia and Swaziland.
const countries = "" +
	"AF Afghanistan|AX Åland Islands|AL Albania|DZ Algeria|AS American Samoa|AD Andorra|AO Angola|AI Anguilla|" +
	"AG Antigua & Barbuda|AR Argentina|AM Armenia|AW Aruba|AU Australia|AT Austria|AZ Azerbaijan|BS Bahamas|" +
	"BH Bahrain|BD Bangladesh|BB Barbados|BY Belarus|BE Belgium|BZ Belize|BJ Benin|BM Bermuda|BT Bhutan|" +
	"BO Bolivia|BA Bosnia & Herzegovina|BW Botswana|BR Brazil|IO British Indian Ocean Territory|" +
	"VG British Virgin Islands|BN Brunei|BG Bulgaria|BF Burkina Faso|BI Burundi|KH Cambodia|CM Cameroon|" +
	"CA Canada|CV Cape Verde|BQ Caribbean Netherlands|KY Cayman Islands|CF Central African Republic|TD Chad|" +
	"CL Chile|CN China|CX Christmas Island|CC Cocos (Keeling) Islands|CO Colombia|KM Comoros|" +
	"CG Congo - Brazzaville|CD Congo - Kinshasa|CK Cook Islands|CR Costa Rica|CI Côte d’Ivoire|HR Croatia|" +
	"CU Cuba|CW Curaçao|CY Cyprus|CZ Czechia|DK Denmark|DJ Djibouti|DM Dominica|DO Dominican Republic|EC Ecuador|" +
	"EG Egypt|SV El Salvador|GQ Equatorial Guinea|ER Eritrea|EE Estonia|SZ Eswatini|ET Ethiopia|" +
	"FK Falkland Islands|FO Faroe Islands|FJ Fiji|FI Finland|FR France|GF French Guiana|PF French Polynesia|" +
	"GA Gabon|GM Gambia|GE Georgia|DE Germany|GH Ghana|GI Gibraltar|GR Greece|GL Greenland|GD Grenada|" +
	"GP Guadeloupe|GU Guam|GT Guatemala|GG Guernsey|GN Guinea|GW Guinea-Bissau|GY Guyana|HT Haiti|HN Honduras|" +
	"HK Hong Kong SAR China|HU Hungary|IS Iceland|IN India|ID Indonesia|IR Iran|IQ Iraq|IE Ireland|" +
	"IM Isle of Man|IL Israel|IT Italy|JM Jamaica|JP Japan|JE Jersey|JO Jordan|KZ Kazakhstan|KE Kenya|" +
	"KI Kiribati|XK Kosovo|KW Kuwait|KG Kyrgyzstan|LA Laos|LV Latvia|LB Lebanon|LS Lesotho|LR Liberia|LY Libya|" +
	"LI Liechtenstein|LT Lithuania|LU Luxembourg|MO Macao SAR China|MG Madagascar|MW Malawi|MY Malaysia|" +
	"MV Maldives|ML Mali|MT Malta|MH Marshall Islands|MQ Martinique|MR Mauritania|MU Mauritius|YT Mayotte|" +
	"MX Mexico|FM Micronesia|MD Moldova|MC Monaco|MN Mongolia|ME Montenegro|MS Montserrat|MA Morocco|" +
	"MZ Mozambique|MM Myanmar (Burma)|NA Namibia|NR Nauru|NP Nepal|NL Netherlands|NC New Caledonia|" +
	"NZ New Zealand|NI Nicaragua|NE Niger|NG Nigeria|NU Niue|NF Norfolk Island|KP North Korea|MK North Macedonia|" +
	"MP Northern Mariana Islands|NO Norway|OM Oman|PK Pakistan|PW Palau|PS Palestinian Territories|PA Panama|" +
	"PG Papua New Guinea|PY Paraguay|PE Peru|PH Philippines|PN Pitcairn Islands|PL Poland|PT Portugal|" +
	"PR Puerto Rico|QA Qatar|RE Réunion|RO Romania|RU Russia|RW Rwanda|WS Samoa|SM San Marino|" +
	"ST São Tomé & Príncipe|SA Saudi Arabia|SN Senegal|RS Serbia|SC Seychelles|SL Sierra Leone|SG Singapore|" +
	"SX Sint Maarten|SK Slovakia|SI Slovenia|SB Solomon Islands|SO Somalia|ZA South Africa|" +
	"GS South Georgia & South Sandwich Islands|KR South Korea|SS South Sudan|ES Spain|LK Sri Lanka|" +
	"BL St. Barthélemy|SH St. Helena|KN St. Kitts & Nevis|LC St. Lucia|MF St. Martin|PM St. Pierre & Miquelon|" +
	"VC St. Vincent & Grenadines|SD Sudan|SR Suriname|SJ Svalbard & Jan Mayen|SE Sweden|CH Switzerland|SY Syria|" +
	"TW Taiwan|TJ Tajikistan|TZ Tanzania|TH Thailand|TL Timor-Leste|TG Togo|TK Tokelau|TO Tonga|" +
	"TT Trinidad & Tobago|TN Tunisia|TR Türkiye|TM Turkmenistan|TC Turks & Caicos Islands|TV Tuvalu|" +
	"UM U.S. Outlying Islands|VI U.S. Virgin Islands|UG Uganda|UA Ukraine|AE United Arab Emirates|" +
	"GB United Kingdom|US United States|UY Uruguay|UZ Uzbekistan|VU Vanuatu|VA Vatican City|VE Venezuela|" +
	"VN Vietnam|WF Wallis & Futuna|EH Western Sahara|YE Yemen|ZM Zambia|ZW Zimbabwe"

// needsPostcode reports whether addresses of a country have a postcode.
func needsPostcode(country string) bool {
	return len(country) == 2 && !strings.Contains(withoutPostcode, country)
}

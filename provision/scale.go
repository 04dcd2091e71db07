package provision

import (
	"math"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// scales holds how many units of a currency make about one US dollar, to one digit, as of November 2026. No price is
// charged by them: they keep the prices that a shop begins with from being absurd. LBP and IRR stand lower than they
// should, because a price has at most orbit.MaxPrice minor units. A currency that isn't listed counts like the
// dollar.
const scales = "AED 4|AFN 70|ALL 80|AMD 400|AOA 900|ARS 1000|BDT 120|BHD 0.4|BIF 3000|BOB 7|BRL 5|BTN 80|BWP 13|" +
	"BYN 3|BZD 2|CDF 2500|CLP 900|CNY 7|COP 4000|CRC 500|CUP 24|CVE 100|CZK 20|DJF 180|DKK 7|DOP 60|DZD 130|" +
	"EGP 50|ERN 15|ETB 130|FJD 2|GEL 3|GHS 12|GMD 70|GNF 9000|GTQ 8|GYD 200|HKD 8|HNL 25|HTG 130|HUF 350|" +
	"IDR 16000|ILS 4|INR 80|IQD 1300|IRR 30000|ISK 130|JMD 160|JOD 0.7|JPY 150|KES 130|KGS 90|KHR 4000|KMF 450|" +
	"KPW 900|KRW 1400|KWD 0.3|KZT 500|LAK 20000|LBP 30000|LKR 300|LRD 190|LSL 18|LYD 5|MAD 10|MDL 18|MGA 4500|" +
	"MKD 55|MMK 2000|MNT 3400|MOP 8|MRU 40|MUR 45|MVR 15|MWK 1700|MXN 20|MYR 4|MZN 60|NAD 18|NGN 1500|NIO 35|" +
	"NOK 10|NPR 130|OMR 0.4|PEN 4|PGK 4|PHP 60|PKR 280|PLN 4|PYG 7500|QAR 4|RON 5|RSD 100|RUB 90|RWF 1400|SAR 4|" +
	"SBD 8|SCR 14|SDG 600|SEK 10|SHP 1|SLE 23|SOS 570|SRD 35|SSP 4000|STN 23|SVC 9|SYP 13000|SZL 18|THB 35|" +
	"TJS 11|TMT 4|TND 3|TOP 2|TRY 40|TTD 7|TWD 30|TZS 2500|UAH 40|UGX 3700|UYU 40|UZS 12500|VES 100|VND 25000|" +
	"VUV 120|WST 3|XAF 600|XCD 3|XOF 600|XPF 110|YER 250|ZAR 18|ZMW 25|ZWG 25"

func scale(currency string) float64 {
	_, rest, ok := strings.Cut("|"+scales, "|"+currency+" ")
	if !ok {
		return 1
	}
	text, _, _ := strings.Cut(rest, "|")
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err) // the list above is broken
	}
	return n
}

// priceIn returns a price of so many US cents in another currency's minor units, as such prices are written there: two
// digits and zeros. Where the scale is the dollar's own it stays as it is.
func priceIn(cents int64, currency string) int64 {
	units, minor := float64(cents)/100, math.Pow10(orbit.Digits(currency))
	s := scale(currency)
	if s == 1 || cents == 0 {
		return int64(math.Round(units * minor))
	}
	units *= s
	step := math.Max(math.Pow10(int(math.Floor(math.Log10(units)))-1), 1/minor)
	return int64(math.Round(math.Round(units/step) * step * minor))
}

package browsertest

import "github.com/PuerkitoBio/goquery"

// RepeatedIDs returns the ids that more than one element of a page has: a label leads to the first alone.
func RepeatedIDs(doc *goquery.Document) (repeated []string) {
	seen := map[string]int{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		id := s.AttrOr("id", "")
		if seen[id]++; seen[id] == 2 {
			repeated = append(repeated, id)
		}
	})
	return repeated
}

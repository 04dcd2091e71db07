package pages

import (
	"net/url"
	"slices"
	"strings"
)

// maxAddress is the longest address that is kept. Links of shops are far shorter.
const maxAddress = 512

// listQuery are what a list of products reads of its address (orbit.ParseBrowse).
var listQuery = []string{"sort", "available", "from", "to", "page", optionQuery}

// optionQuery stands for every parameter that begins so.
const optionQuery = "option."

// kinds are the pages that are the same for everybody, by the first part of their path, with the parameters
// that they depend on. A page whose handler reads another parameter is listed here with it: parameters that aren't
// listed change nothing, whatever they are. Searches aren't here: there are as many as people can type, and few are
// asked for twice.
var kinds = map[string]struct {
	deep  bool // the path has a second part, the handle
	query []string
}{
	"":            {},
	"collections": {deep: true, query: listQuery},
	"products":    {deep: true, query: []string{"variant"}},
	"pages":       {deep: true},
	"robots.txt":  {},
	"sitemap.xml": {},
	"feed.xml":    {},
}

// aside is the parameter of addresses that show something else to those who know it (kit.PreviewQuery).
const aside = "preview"

// Normal gives the one form of an address (path and query of a request) under which its page is kept: the parameters
// that count, in order; trackers', and whatever else somebody hangs on a link, aren't part of it. ok is false for
// every address that isn't the same page for everybody, and for all that a browser following a shop's links wouldn't
// ask for: those go the long way.
func Normal(target string) (normal string, ok bool) {
	if len(target) > maxAddress {
		return "", false
	}
	path, raw, hasQuery := strings.Cut(target, "?")
	query, ok := known(path)
	if !ok {
		return "", false
	}
	if !hasQuery {
		return path, true
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", false
	}
	for key := range values {
		switch {
		case slices.Contains(query, key), strings.HasPrefix(key, optionQuery) && slices.Contains(query, optionQuery):
		case key == aside:
			return "", false
		default:
			delete(values, key)
		}
	}
	if len(values) == 0 {
		return path, true
	}
	normal = path + "?" + values.Encode()
	return normal, len(normal) <= maxAddress
}

// known tells whether a path, as it stands in a request, is a kept page's own and only form, and which parameters
// count there.
func known(path string) (query []string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, false
	}
	if isStylesheet(rest) {
		return nil, true
	}
	first, second, deep := strings.Cut(rest, "/")
	kind, ok := kinds[first]
	if !ok || kind.deep != deep || (deep && !isHandle(second)) {
		return nil, false
	}
	return kind.query, true
}

// isHandle tells whether a path's part is a handle in the one way that links write it.
func isHandle(part string) bool {
	plain, err := url.PathUnescape(part)
	return err == nil && plain != "" && plain != "." && plain != ".." && url.PathEscape(plain) == part
}

func isStylesheet(name string) bool {
	hash, ok := strings.CutPrefix(name, "theme.")
	if !ok {
		return false
	}
	hash, ok = strings.CutSuffix(hash, ".css")
	return ok && len(hash) == 16 && strings.Trim(hash, "0123456789abcdef") == ""
}

package pages

import (
	"net/url"
	"slices"
	"strings"

	"orbit360.app/handlers/kit"
)

// maxAddress is the longest address that is kept. Links of shops are far shorter.
const maxAddress = 512

// Address is a kind of page that is the same for everybody.
type Address struct {
	// Path is its route: /products/:handle. A path has at most one parameter.
	Path string
	// Query names the parameters that the page depends on; a name that ends in a dot stands for every parameter that
	// begins so. Parameters that aren't named change nothing.
	Query []string
}

// Addresses holds all of them, ready to be looked up.
type Addresses struct {
	plain map[string]Address // without a parameter
	parts []pattern
}

// pattern is an address with a parameter in its path.
type pattern struct {
	Address
	before, after string
	valid         func(part string) bool
}

// NewAddresses prepares addresses for looking up. A parameter is a handle, or the hash of a stylesheet (:hash).
func NewAddresses(all []Address) Addresses {
	a := Addresses{plain: map[string]Address{}}
	for _, one := range all {
		before, name, ok := strings.Cut(one.Path, ":")
		if !ok {
			a.plain[one.Path] = one
			continue
		}
		p := pattern{Address: one, before: before, valid: isHandle}
		if i := strings.IndexByte(name, '.'); i >= 0 {
			name, p.after = name[:i], name[i:]
		}
		if name == "hash" {
			p.valid = isHash
		}
		a.parts = append(a.parts, p)
	}
	return a
}

// Normal returns the one form of an address (path and query of a request) under which its page is kept: the parameters
// that count, in order; a tracker's, or any other that hangs on a link, isn't part of it. ok is false for every address
// that isn't the same page for everybody, and for all that a browser following a shop's links wouldn't ask for.
func (a Addresses) Normal(target string) (normal string, ok bool) {
	if len(target) > maxAddress {
		return "", false
	}
	path, raw, hasQuery := strings.Cut(target, "?")
	query, ok := a.known(path)
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
		case key == kit.PreviewQuery: // shows something else to those who know it
			return "", false
		case !counts(query, key):
			delete(values, key)
		}
	}
	if len(values) == 0 {
		return path, true
	}
	normal = path + "?" + values.Encode()
	return normal, len(normal) <= maxAddress
}

// known reports whether a path, as it stands in a request, is a kept page's own and only form, and which parameters
// count there.
func (a Addresses) known(path string) (query []string, ok bool) {
	if one, ok := a.plain[path]; ok {
		return one.Query, true
	}
	for _, p := range a.parts {
		rest, ok := strings.CutPrefix(path, p.before)
		if !ok {
			continue
		}
		if part, ok := strings.CutSuffix(rest, p.after); ok && p.valid(part) {
			return p.Query, true
		}
	}
	return nil, false
}

// counts reports whether a parameter is one of those named.
func counts(names []string, key string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name == key || (strings.HasSuffix(name, ".") && strings.HasPrefix(key, name))
	})
}

// isHandle reports whether a path's part is a handle in the one way that links write it.
func isHandle(part string) bool {
	plain, err := url.PathUnescape(part)
	return err == nil && plain != "" && plain != "." && plain != ".." && url.PathEscape(plain) == part
}

func isHash(part string) bool { return len(part) == 16 && strings.Trim(part, "0123456789abcdef") == "" }

package nginx

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

func itoa(n int) string { return strconv.Itoa(n) }

// finish turns the collected locations into routes in match order.
func (b *hostBuilder) finish() {
	b.sort()
	b.expand()
	for _, l := range b.locs {
		if rewrites(l) || usesRegex(l) {
			b.host.Model.RegexMode = true
		}
	}
	if b.host.Model.RegexMode {
		b.regexRoutes()
	} else {
		b.plainRoutes()
	}
	b.contributors()
}

// sort is the controller's: by text descending, then by length descending. Ties keep age order, and the default location
// stands before an Exact one of the same path.
func (b *hostBuilder) sort() {
	slices.SortStableFunc(b.locs, func(x, y *location) int { return strings.Compare(y.path, x.path) })
	slices.SortStableFunc(b.locs, func(x, y *location) int { return cmp.Compare(len(y.path), len(x.path)) })
}

// expand gives each Prefix path its two nginx locations: the path with a slash, and the path alone unless that exists.
func (b *hostBuilder) expand() {
	exact := map[string]bool{}
	for _, l := range b.locs {
		if l.exact {
			exact[l.path] = true
		}
	}
	var out []*location
	for _, l := range b.locs {
		if l.path == "/" || l.exact || rewrites(l) || usesRegex(l) {
			out = append(out, l)
			continue
		}
		slash := *l
		if !strings.HasSuffix(slash.path, "/") {
			slash.path += "/"
		}
		out = append(out, &slash)
		if !exact[l.path] && slash.path != l.path {
			alone := *l
			alone.exact = true
			out = append(out, &alone)
		}
	}
	b.locs = out
}

// rewrites tells whether the controller rewrites requests of the location: the target is not the path itself.
func rewrites(l *location) bool {
	if l.in == nil {
		return false
	}
	t := l.in.Text("rewrite-target")
	return t != "" && t != l.path
}

func usesRegex(l *location) bool { return l.in != nil && l.in.Bool("use-regex") }

// plainRoutes makes the routes of a host without regular expressions: exact paths, then prefixes, longest first.
func (b *hostBuilder) plainRoutes() {
	has := map[string]bool{}      // paths with an exact location
	hasBelow := map[string]bool{} // prefixes, by path with slash
	for _, l := range b.locs {
		if l.exact {
			has[l.path] = true
		} else {
			hasBelow[l.path] = true
		}
	}
	var exact, prefix []*annotations.Route
	merged := map[string]bool{}
	for _, l := range b.locs {
		switch {
		case l.path == "/" && !l.exact:
			prefix = append(prefix, b.route(l, model.AnyPath{}))
		case l.exact && hasBelow[l.path+"/"] && b.sameSource(l):
			merged[l.path+"/"] = true // together with the prefix
		case l.exact:
			exact = append(exact, b.route(l, model.ExactPath(l.path)))
		}
	}
	for _, l := range b.locs {
		if l.exact || l.path == "/" {
			continue
		}
		alone := strings.TrimSuffix(l.path, "/")
		if merged[l.path] {
			prefix = append(prefix, b.route(l, model.SegmentPrefix(alone)))
			continue
		}
		prefix = append(prefix, b.route(l, model.BelowPrefix(l.path)))
	}
	for _, l := range b.locs {
		alone := strings.TrimSuffix(l.path, "/")
		if l.path != "/" && alone != l.path && !has[alone] && l.in != nil {
			has[alone] = true
			exact = append(exact, b.slashRedirect(l, alone))
		}
	}
	slices.SortStableFunc(prefix, func(x, y *annotations.Route) int {
		return cmp.Compare(matchLength(y.Model.Match.Path), matchLength(x.Model.Match.Path))
	})
	b.host.Routes = slices.Concat(exact, prefix)
}

// sameSource tells whether the exact location l came out of the same Ingress path as the prefix that covers what is below it.
func (b *hostBuilder) sameSource(l *location) bool {
	for _, o := range b.locs {
		if !o.exact && o.path == l.path+"/" {
			return o.in == l.in && o.rule == l.rule && o.idx == l.idx
		}
	}
	return false
}

func matchLength(p model.Path) int {
	switch p := p.(type) {
	case model.SegmentPrefix:
		return len(p) + 1
	case model.BelowPrefix:
		return len(p)
	}
	return 0
}

// slashRedirect is nginx's own answer to the path without its final slash: 301, before everything else of the location.
func (b *hostBuilder) slashRedirect(l *location, alone string) *annotations.Route {
	r := b.route(l, model.ExactPath(alone))
	r.Model.Action = model.Redirect{Code: 301, Path: encodePath(alone + "/")}
	r.SlashRedirect = true
	return r
}

// regexRoutes makes the routes of a host in regex mode: all locations as patterns, in list order.
func (b *hostBuilder) regexRoutes() {
	for i, l := range b.locs {
		if l.path == "/" && !rewrites(l) {
			b.host.Routes = append(b.host.Routes, b.route(l, model.AnyPath{}))
			return // nginx's ~* "^/" takes everything
		}
		if i+1 < len(b.locs) && coveredByNext(l, b.locs[i+1]) {
			continue
		}
		p, err := convertPath(l.path)
		r := b.route(l, model.RegexPath(p.Match))
		if err != nil {
			b.unwritable(r, l, err)
			continue
		}
		if p.Approximate != "" {
			b.e.Findings.Report(finding.PatternApproximate, r.Model.Origin, annotations.Quote(l.path), p.Approximate)
		}
		b.host.Routes = append(b.host.Routes, r)
	}
}

// coveredByNext tells whether l is the slashed half of a pair whose other half matches more and does the same.
func coveredByNext(l, next *location) bool {
	return !l.exact && next.exact && l.path == next.path+"/" && l.in == next.in && l.rule == next.rule && l.idx == next.idx && rewrites(l) == rewrites(next)
}

// unwritable handles a pattern that cannot be written for the target: nothing is published for the location, and what
// would match it must not fall to a less protected location. The whole host cannot be guarded by an unknown pattern, so the
// locations behind it are closed where they could catch such a request.
func (b *hostBuilder) unwritable(r *annotations.Route, l *location, err error) {
	b.e.Findings.Report(finding.PatternManual, r.Model.Origin, annotations.Quote(l.path), err.Error())
	lit := literalPrefix(l.path)
	if lit == "" {
		lit = "/"
	}
	r.Model.Match.Path = model.RegexPath("(?i)" + quoteRegex(lit) + ".*")
	r.Model.Close(503, r.Model.Origin)
	b.host.Routes = append(b.host.Routes, r)
}

// literalPrefix is the part of a pattern before its first special character.
func literalPrefix(p string) string {
	i := strings.IndexAny(p, `.*+?()[]{}|\^$`)
	if i < 0 {
		return p
	}
	if i > 0 && strings.ContainsRune("*?{", rune(p[i])) {
		i-- // the counter belongs to the last character
	}
	if strings.Contains(p, "|") {
		return "" // alternatives: nothing is known about the beginning
	}
	return p[:i]
}

// contributors notes which namespaces state rules of the host.
func (b *hostBuilder) contributors() {
	seen := map[string]bool{}
	m := b.host.Model
	for _, r := range b.host.Routes {
		m.Rules = append(m.Rules, r.Model)
		if r.Model.Owner != "" {
			seen[r.Model.Owner] = true
		}
	}
	for ns := range seen {
		m.Namespaces = append(m.Namespaces, ns)
	}
	slices.Sort(m.Namespaces)
	if len(m.Namespaces) == 0 {
		m.Namespaces = []string{m.Owner}
	}
}

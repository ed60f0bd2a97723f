package nginx

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// condition reads if (...) { return ...; } and if (...) { rewrite ... permanent; }.
func (r *snippetReader) condition(d directive) (statement, bool) {
	inner := snippetReader{server: r.server, consts: r.consts}
	inner.read(d.block)
	if len(inner.unknown) > 0 || len(inner.sts) != 1 {
		return nil, false
	}
	switch s := inner.sts[0].(type) {
	case returnStatement:
	case rewriteStatement:
		if s.code == 0 {
			return nil, false
		}
	default:
		return nil, false
	}
	m, ok := conditionMatch(d.args)
	return ifStatement{match: m, then: inner.sts[0]}, ok
}

// conditionMatch reads the words of a condition, parentheses included.
func conditionMatch(args []string) (model.Match, bool) {
	words := append([]string(nil), args...)
	if len(words) == 0 || !strings.HasPrefix(words[0], "(") || !strings.HasSuffix(words[len(words)-1], ")") {
		return model.Match{}, false
	}
	words[0] = words[0][1:]
	if words[0] == "" {
		words = words[1:]
	}
	if len(words) == 0 {
		return model.Match{}, false
	}
	last := len(words) - 1
	words[last] = words[last][:len(words[last])-1]
	if words[last] == "" && (len(words) == 4 || len(words) == 2) {
		words = words[:last]
	}
	name, ok := strings.CutPrefix(words[0], "$")
	if !ok {
		return model.Match{}, false
	}
	name = strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(name, "{"), "}"))
	switch len(words) {
	case 1:
		h, ok := requestHeader(name)
		// nginx takes an empty value and 0 for false.
		return model.Match{Headers: []model.HeaderMatch{{Name: h, Regex: ".{2,}|[^0]"}}}, ok
	case 3:
		return comparison(name, words[1], words[2])
	}
	return model.Match{}, false
}

func comparison(name, op, value string) (model.Match, bool) {
	if (op == "=" || op == "!=") && strings.Contains(value, "$") {
		return model.Match{}, false
	}
	switch name {
	case "scheme":
		return schemeMatch(op, value)
	case "request_method":
		if ms := listedMethods(op, value); ms != nil {
			return model.Match{Methods: ms}, true
		}
		return headerComparison(":method", op, value)
	case "request_uri":
		return headerComparison(":path", op, value)
	case "http_host":
		return headerComparison(":authority", op, value)
	case "host":
		return hostComparison(op, value)
	}
	h, ok := requestHeader(name)
	if !ok {
		return model.Match{}, false
	}
	return headerComparison(h, op, value)
}

// hostComparison compares $host, which is the Host in lower case and without its port.
func hostComparison(op, value string) (model.Match, bool) {
	if op != "=" && op != "!=" || value == "" || value != strings.ToLower(value) || strings.ContainsAny(value, ":/") {
		return model.Match{}, false
	}
	re := "(?i)" + regexp.QuoteMeta(value) + "(?::[0-9]*)?"
	return model.Match{Headers: []model.HeaderMatch{{Name: ":authority", Regex: re, Not: op == "!="}}}, true
}

func schemeMatch(op, value string) (model.Match, bool) {
	other := map[string]string{"http": "https", "https": "http"}
	switch {
	case other[value] == "":
		return model.Match{}, false
	case op == "=":
		return model.Match{Scheme: value}, true
	case op == "!=":
		return model.Match{Scheme: other[value]}, true
	}
	return model.Match{}, false
}

// methodList is a pattern that lists whole words.
var methodList = regexp.MustCompile(`^\^(?:\(([A-Z|]+)\)|([A-Z]+))\$$`)

// listedMethods gives the methods that a comparison lists.
func listedMethods(op, value string) []string {
	if op == "=" && value != "" {
		return []string{value}
	}
	m := methodList.FindStringSubmatch(value)
	if op != "~" || m == nil {
		return nil
	}
	ms := strings.Split(m[1]+m[2], "|")
	if slices.Contains(ms, "") {
		return nil
	}
	return ms
}

// requestHeader gives the header that a variable stands for. A proxy changes some headers before it compares them.
func requestHeader(name string) (string, bool) {
	h, ok := strings.CutPrefix(name, "http_")
	h = strings.ReplaceAll(h, "_", "-")
	switch h {
	case "", "host", "x-forwarded-for", "x-request-id", "x-real-ip":
		return "", false
	}
	return h, ok && sendableHeader(h)
}

// headerComparison compares a header as nginx does, to which an absent header is an empty text.
func headerComparison(name, op, value string) (model.Match, bool) {
	h := model.HeaderMatch{Name: name}
	switch {
	case op == "=" && value == "":
		h.Regex, h.Not = ".+", true
	case op == "!=" && value == "":
		h.Regex = ".+"
	case op == "=" || op == "!=":
		h.Exact, h.Not = value, op == "!="
	default:
		re, ok := headerPattern(strings.TrimPrefix(op, "!"), value)
		if !ok {
			return model.Match{}, false
		}
		h.Regex, h.Not = re, strings.HasPrefix(op, "!")
	}
	return model.Match{Headers: []model.HeaderMatch{h}}, true
}

// headerPattern makes a searched pattern cover the whole value. Patterns that match an empty text would have to match an
// absent header as well, which no header match can.
func headerPattern(op, value string) (string, bool) {
	if op != "~" && op != "~*" {
		return "", false
	}
	re, err := convertSearch(value)
	if err != nil {
		return "", false
	}
	flag := ""
	if op == "~*" {
		flag = "(?i)"
	}
	if empty, err := regexp.MatchString(flag+re, ""); err != nil || empty {
		return "", false
	}
	whole := flag + ".*(?:" + re + ").*"
	return whole, checkRE2(whole) == nil
}

// location reads location [modifier] PATH { ... } whose statements answer every request.
func (r *snippetReader) location(d directive) (statement, bool) {
	out := locationStatement{}
	switch len(d.args) {
	case 1:
	case 2:
		out.kind = d.args[0]
	default:
		return nil, false
	}
	path := d.args[len(d.args)-1]
	switch out.kind {
	case "=":
		out.path = literalPath(path, true)
	case "", "^~":
		out.path = literalPath(path, false)
	case "~", "~*":
		p, err := convertPattern(path, out.kind == "~*", false)
		if err != nil || p.Approximate != "" {
			return nil, false
		}
		out.kind, out.path = "~", model.RegexPath(p.Match)
	}
	if out.path == nil {
		return nil, false
	}
	out.length = literalLength(out.path)
	inner := snippetReader{consts: r.consts}
	inner.read(d.block)
	out.then = inner.sts
	return out, len(inner.unknown) == 0 && answers(inner.sts)
}

// literalPath is the path of a location without pattern; nil if it is none. A prefix need not end at a segment.
func literalPath(s string, exact bool) model.Path {
	if !strings.HasPrefix(s, "/") {
		return nil
	}
	if exact {
		return model.ExactPath(s)
	}
	if s == "/" {
		return model.AnyPath{}
	}
	if strings.HasSuffix(s, "/") {
		return model.BelowPrefix(s)
	}
	w := newPathWriter(false)
	re := ""
	for i := range len(s) {
		re += w.literal(s[i], false)
	}
	if checkRE2(re+".*") != nil {
		return nil
	}
	return model.RegexPath(re + ".*")
}

// answers tells whether the statements of a location leave nothing to a backend.
func answers(sts []statement) bool {
	for _, s := range sts {
		switch s := s.(type) {
		case returnStatement:
			return true
		case accessStatement:
			return s.deny && s.cidr == ""
		}
	}
	return false
}

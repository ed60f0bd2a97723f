package nginx

import (
	"fmt"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// statement is one understood piece of a snippet.
type statement interface{ isStatement() }

type (
	// returnStatement answers, before lists of addresses and authentication are looked at. Status 444 closes the
	// connection without an answer.
	returnStatement struct {
		code     int
		body     model.Value
		location model.Value // of a redirect
		relative bool        // the location is a path, which nginx makes absolute unless told otherwise
	}
	// rewriteStatement changes the path, or redirects if code is not 0.
	rewriteStatement struct {
		pattern Pattern
		target  Target
		code    int
	}
	// responseStatement sets, adds or removes a response header. Without always it concerns the statuses of success and
	// redirection only (200, 201, 204, 206, 301 to 304, 307, 308).
	responseStatement struct {
		op     model.HeaderOp
		always bool
	}
	// requestStatement sets or removes a request header.
	requestStatement struct{ op model.HeaderOp }
	// hideStatement removes a header of backend answers.
	hideStatement struct{ name string }
	// accessStatement allows or denies; the first one that fits decides. cidr "" stands for everybody.
	accessStatement struct {
		deny bool
		cidr string
	}
	// ifStatement does something for some requests: a return or a redirect.
	ifStatement struct {
		match model.Match
		then  statement
	}
	// locationStatement is a path with statements of its own, which answer every request. kind is nginx's modifier: "=", "^~",
	// "" for a prefix, "~" for a pattern.
	locationStatement struct {
		path   model.Path
		length int // of its text, as nginx compares it
		kind   string
		then   []statement
	}
	// bodyStatement limits request bodies; 0 is unlimited.
	bodyStatement struct{ most int64 }
	// timeoutStatement sets the connect, read or send timeout.
	timeoutStatement struct {
		of   string
		time time.Duration
	}
	// contentTypeStatement is the Content-Type of returned bodies.
	contentTypeStatement struct{ value string }
)

func (returnStatement) isStatement()      {}
func (rewriteStatement) isStatement()     {}
func (responseStatement) isStatement()    {}
func (requestStatement) isStatement()     {}
func (hideStatement) isStatement()        {}
func (accessStatement) isStatement()      {}
func (ifStatement) isStatement()          {}
func (locationStatement) isStatement()    {}
func (bodyStatement) isStatement()        {}
func (timeoutStatement) isStatement()     {}
func (contentTypeStatement) isStatement() {}

// understanding is what a snippet says. With anything unknown, which is quoted, the statements are not the whole truth;
// protective tells whether something that protects may be among what is missing.
type understanding struct {
	sts        []statement
	unknown    []string
	protective bool
}

// understand reads a snippet of a location, or with server of a whole host. consts are the variables with one value there.
func understand(snippet string, server bool, consts constants) understanding {
	ds, err := parseSnippet(snippet)
	if err != nil {
		return understanding{unknown: []string{err.Error()}, protective: true}
	}
	r := snippetReader{server: server, consts: consts}
	r.read(ds)
	return r.understanding
}

// understood are snippets that say the same wherever they stand.
type understood struct {
	ofLocation, ofServer annotations.Memo[string, understanding]
}

func newUnderstood() *understood {
	return &understood{annotations.Memo[string, understanding]{}, annotations.Memo[string, understanding]{}}
}

// of is understand, once for many snippets with the same text.
func (u *understood) of(snippet string, server bool, consts constants) understanding {
	if strings.Contains(snippet, "$") {
		return understand(snippet, server, consts)
	}
	known := u.ofLocation
	if server {
		known = u.ofServer
	}
	return known.Of(snippet, func(s string) understanding { return understand(s, server, nil) })
}

type snippetReader struct {
	understanding
	server bool
	consts constants
}

func (r *snippetReader) read(ds []directive) {
	for _, d := range ds {
		if withoutEffect(d.name) || r.server && overridden(d.name) {
			continue
		}
		sts, ok := r.directive(d)
		if ok {
			r.sts = append(r.sts, sts...)
			continue
		}
		r.unknown = append(r.unknown, annotations.Quote(strings.Join(strings.Fields(d.text), " ")))
		r.protective = r.protective || !harmless(d.name)
	}
}

// directive translates one directive; the second result is false if it is not understood.
func (r *snippetReader) directive(d directive) ([]statement, bool) {
	switch d.name {
	case "if":
		return single(r.condition(d))
	case "location":
		if !r.server {
			return nil, false
		}
		return single(r.location(d))
	}
	if d.body {
		return nil, false
	}
	switch d.name {
	case "return":
		return single(r.returns(d.args))
	case "rewrite":
		return single(r.rewrite(d.args))
	case "more_set_headers", "more_clear_headers":
		return moreHeaders(d, func(op model.HeaderOp) statement { return responseStatement{op: op, always: true} }, r.consts)
	case "more_set_input_headers", "more_clear_input_headers":
		return moreHeaders(d, func(op model.HeaderOp) statement { return requestStatement{op: op} }, r.consts)
	case "proxy_set_header":
		return r.proxyHeader(d.args)
	case "add_header":
		return single(r.addHeader(d.args))
	case "proxy_hide_header":
		return single(hideLine(d.args))
	case "deny", "allow":
		return single(accessRule(d))
	}
	return single(settingLine(d))
}

func single(s statement, ok bool) ([]statement, bool) {
	if !ok {
		return nil, false
	}
	return []statement{s}, true
}

// returns reads return CODE, return CODE TEXT, return CODE URL and return URL.
func (r *snippetReader) returns(args []string) (statement, bool) {
	if len(args) == 1 && (strings.HasPrefix(args[0], "http") || strings.HasPrefix(args[0], "$scheme")) {
		args = []string{"302", args[0]}
	}
	if len(args) == 0 || len(args) > 2 {
		return nil, false
	}
	var code int
	if _, err := fmt.Sscanf(args[0], "%d", &code); err != nil || fmt.Sprint(code) != args[0] || code < 200 || code > 599 {
		return nil, false
	}
	out := returnStatement{code: code}
	redirect := code == 301 || code == 302 || code == 303 || code == 307 || code == 308
	if len(args) == 1 {
		return out, !redirect
	}
	v, err := parseValue(args[1], r.consts)
	if err != nil {
		return nil, false
	}
	if redirect {
		out.location, out.relative = v, strings.HasPrefix(args[1], "/")
		return out, len(v) > 0
	}
	out.body = v
	return out, true
}

// rewrite reads rewrite PATTERN TARGET FLAG. Without a flag, and with last, nginx looks for another location: that is not
// expressible. At the level of a host every change of the path has that consequence.
func (r *snippetReader) rewrite(args []string) (statement, bool) {
	if len(args) == 2 {
		args = []string{args[0], args[1], ""}
	}
	if len(args) != 3 {
		return nil, false
	}
	code := 0
	switch args[2] {
	case "permanent":
		code = 301
	case "redirect":
		code = 302
	}
	if url, ok := strings.CutSuffix(args[1], "$request_uri?"); ok && code != 0 && url != "" && everyPath(args[0]) {
		return r.returns([]string{fmt.Sprint(code), url + "$request_uri"})
	}
	p, err := convertRewrite(args[0])
	if err != nil {
		return nil, false
	}
	t, err := convertTarget(args[1], p, r.consts)
	if err != nil || t.Scheme {
		return nil, false
	}
	if t.Absolute && code == 0 {
		code = 302
	}
	if code == 0 && (args[2] != "break" || r.server || t.DropQuery) {
		return nil, false
	}
	return rewriteStatement{pattern: p, target: t, code: code}, true
}

// everyPath tells whether a pattern obviously matches every path.
func everyPath(re string) bool {
	switch re {
	case "^", "^/", "/", ".*", "^.*", "^.*$", "(.*)", "^(.*)", "^(.*)$", "^/(.*)", "^/(.*)$":
		return true
	}
	return false
}

// settingLine reads directives with one argument.
func settingLine(d directive) (statement, bool) {
	if len(d.args) != 1 {
		return nil, false
	}
	switch d.name {
	case "client_max_body_size":
		n, ok := bytesOf(d.args[0])
		return bodyStatement{most: n}, ok
	case "proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout":
		t, err := parseTime(d.args[0])
		of := strings.TrimSuffix(strings.TrimPrefix(d.name, "proxy_"), "_timeout")
		return timeoutStatement{of: of, time: t}, err == nil
	case "default_type":
		return contentTypeStatement{value: d.args[0]}, !strings.ContainsAny(d.args[0], "\r\n")
	}
	return nil, false
}

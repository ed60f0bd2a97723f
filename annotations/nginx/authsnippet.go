package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// authSnippet reads directives for the request to the service. Headers that are set become headers of that request, beside
// those in before; headers that are added to its answer reach nobody. lost quotes everything else.
func authSnippet(text string, before []model.HeaderOp, consts constants) (ops []model.HeaderOp, lost []string) {
	ds, err := parseSnippet(text)
	if err != nil {
		return nil, []string{err.Error()}
	}
	seen := map[string]bool{}
	for _, op := range before {
		seen[op.Name] = true
	}
	for _, d := range ds {
		op, ok := authHeader(d, consts)
		switch {
		case withoutEffect(d.name), d.name == "add_header" && !d.body:
		case ok && !seen[op.Name]:
			seen[op.Name] = true
			ops = append(ops, op)
		default:
			lost = append(lost, quoteDirective(d))
		}
	}
	return ops, lost
}

// authHeader reads proxy_set_header. A header that the controller itself sends to the service would be there twice, and one
// without a value is one less: neither can be said.
func authHeader(d directive, consts constants) (model.HeaderOp, bool) {
	if d.name != "proxy_set_header" || d.body || len(d.args) != 2 {
		return model.HeaderOp{}, false
	}
	op, ok := headerOp(d.args[0], d.args[1], consts)
	op.Name = strings.ToLower(op.Name)
	return op, ok && !op.Remove && !ownHeader(op.Name) && !ownRequestHeader(op.Name) && !sentToService(op.Name)
}

// sentToService are headers that the controller sends to the service, besides those that backends get as well.
func sentToService(name string) bool {
	switch name {
	case "x-original-url", "x-original-method", "x-original-uri", "x-sent-from", "x-auth-request-redirect":
		return true
	}
	return strings.HasPrefix(name, "ssl-client-")
}

// ownAuthSnippet gives the headers of auth-snippet; false if the location is closed because of it.
func ownAuthSnippet(r *annotations.Route, before []model.HeaderOp) ([]model.HeaderOp, bool) {
	const key = "auth-snippet"
	if !r.Has(key) || !snippetsAllowed(r.Ingress, key) {
		return nil, true
	}
	ops, lost := authSnippet(r.Text(key), before, ofAuth(r))
	if len(lost) > 0 {
		return ops, !r.FailClosed(key, authSnippetLost(lost))
	}
	for i := range ops {
		ops[i].Origin = r.Origin(key)
	}
	r.Exact(key, "the service gets the same headers")
	return ops, true
}

func authSnippetLost(lost []string) string {
	return "it changes what the service is asked, and this cannot be translated: " + shortList(lost)
}

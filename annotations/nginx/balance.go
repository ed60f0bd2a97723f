package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Balance chooses among the endpoints of a Service and port. The oldest Ingress that uses them decides, canaries included.
// A session cookie beats hashing, and hashing beats the algorithm.
var Balance = annotations.Feature{
	Name: "balance",
	Keys: []annotations.Key{
		{
			Name: "load-balance", Syntax: "round_robin | ewma", Default: "round_robin", Setting: "load-balance", Scope: "upstream", Risk: "Low",
			Check:   oneOf("round_robin", "chash", "chashsubset", "sticky_balanced", "sticky_persistent", "ewma"),
			Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "How endpoints are chosen: in turn, or by measured latency (ewma).",
			Note: "round_robin stays, ewma becomes least request, which counts requests in flight instead of measuring latency",
		},
		{
			Name: "upstream-hash-by", Syntax: "text with variables", Scope: "upstream", Risk: "High",
			Check: variables, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "Requests with the same text go to the same endpoint (consistent hashing).",
			Note: "consistent hash of the same values",
		},
		{
			Name: "upstream-hash-by-subset", Syntax: "true | false", Default: "false", Scope: "upstream", Risk: "Low",
			Check: boolean, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "The hash chooses a group of endpoints, and each request one of the group.",
			Note: "several consistent hashes of equal weight; a key uses at most that many endpoints, sometimes fewer",
		},
		{
			Name: "upstream-hash-by-subset-size", Syntax: "integer", Default: "3", Scope: "upstream", Risk: "Low",
			Check: integer, Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc:  "Size of the groups of upstream-hash-by-subset; 0 means 3.",
			Note: "number of consistent hashes; a key uses at most that many endpoints, sometimes fewer",
		},
	},
	Settings: []annotations.Setting{
		{Name: "upstream-hash-by", Syntax: "text with variables", Class: finding.Noop,
			Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
		{Name: "upstream-hash-by-subset", Syntax: "true | false", Class: finding.Noop,
			Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
		{Name: "upstream-hash-by-subset-size", Syntax: "integer", Class: finding.Noop,
			Doc: "Part of the controller's configuration that nothing reads.", Note: unread},
	},
	Edge: balance,
}

// unread is the note of settings that the controller accepts and never looks at.
const unread = "the controller accepts it but never uses it; only the annotation works"

var balanceKeys = []string{"load-balance", "upstream-hash-by", "upstream-hash-by-subset", "upstream-hash-by-subset-size"}

// balance fills Rule.Balance of every route, and what holds where nothing is stated.
func balance(e *annotations.Edge) {
	if v, ok := e.Settings.Get("load-balance"); ok && v == "ewma" {
		e.Model.Global.Balance = model.LeastRequest
	}
	for _, u := range e.Upstreams() {
		overruleOthers(u, balanceKeys)
		b := balanceOf(u)
		for _, r := range u.Routes {
			r.Model.Balance = b
		}
	}
}

// overruleOthers says that keys count only of the Ingress that decides for a Service.
func overruleOthers(u *annotations.Upstream, keys []string) {
	for _, in := range u.Ingresses {
		if in == u.Decider {
			continue
		}
		for _, key := range keys {
			in.Overruled(key, u.Decider.Object.Ref()+" decides, which referenced Service "+u.Ref()+" first")
		}
	}
}

// balanceOf reads how the endpoints of a Service are chosen.
func balanceOf(u *annotations.Upstream) *model.Balance {
	in := u.Decider
	b := &model.Balance{Origin: in.Origin("load-balance")}
	switch in.Text("load-balance") {
	case "round_robin":
		in.Exact("load-balance", "round robin, as before")
	case "ewma":
		b.Algorithm = model.LeastRequest
	default:
		in.Manual("load-balance", "the algorithm works only together with its own annotations; endpoints are chosen in turn")
	}
	text := in.Text("upstream-hash-by")
	if text == "" {
		in.Overruled("upstream-hash-by-subset", "upstream-hash-by is missing")
		in.Overruled("upstream-hash-by-subset-size", "upstream-hash-by is missing")
		return b
	}
	if a := affinityOf(u); a != nil {
		for _, key := range balanceKeys {
			in.Overruled(key, "the session cookie decides")
		}
		return b
	}
	v, err := hashKey(text)
	if err != nil {
		in.Manual("upstream-hash-by", err.Error()+"; requests are not tied to endpoints")
		return b
	}
	in.Overruled("load-balance", "upstream-hash-by decides")
	b.Hash, b.Origin = v, in.Origin("upstream-hash-by")
	in.Corner("upstream-hash-by", "the ring differs, so keys move to other endpoints once")
	if !in.Bool("upstream-hash-by-subset") {
		in.Overruled("upstream-hash-by-subset-size", "upstream-hash-by-subset is not true")
		return b
	}
	if b.Subset = in.Int("upstream-hash-by-subset-size"); b.Subset <= 0 {
		b.Subset = 3
	}
	return b
}

// hashKey reads the variables of a hash. Text between them changes nothing, because it is the same for all requests.
func hashKey(text string) (model.Value, error) {
	var out model.Value
	rest := text
	for rest != "" {
		_, after, found := strings.Cut(rest, "$")
		if !found {
			break
		}
		written := strings.TrimPrefix(after, "{")
		name, behind, err := variableName(after)
		if err != nil {
			return nil, err
		}
		rest = behind
		if n, ok := strings.CutPrefix(name, "cookie_"); ok && n != "" {
			// The name as it is written: cookies are told apart by case here.
			out = append(out, model.Part{Var: model.VarCookie, Text: written[len("cookie_"):len(name)]})
			continue
		}
		if _, constant := anyLocation(name); constant {
			continue
		}
		before := len(out)
		if out, rest, err = appendVariable(out, name, rest, nil); err != nil {
			return nil, err
		}
		for _, p := range out[before:] {
			if !hashable(p.Var) {
				return nil, unfitVariableError(name)
			}
		}
	}
	if len(out) == 0 {
		out = model.Text(text) // the same for all requests
	}
	return out, nil
}

type unfitVariableError string

func (v unfitVariableError) Error() string { return "the variable $" + string(v) + " cannot be hashed" }

// hashable tells whether the proxy can hash a property of a request.
func hashable(v model.Var) bool {
	switch v {
	case model.VarHeader, model.VarQuery, model.VarCookie, model.VarRequestURI, model.VarEscapedURI, model.VarPath, model.VarQueryString, model.VarOptionalQuery,
		model.VarHost, model.VarAuthority, model.VarRemoteAddress, model.VarMethod, model.VarRequestID, model.VarScheme:
		return true
	}
	return false
}

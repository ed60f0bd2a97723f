package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Rewrite replaces the path that backends see. A target that differs from the path, or use-regex, turns every path of the
// host into a case-insensitive pattern that is anchored at its beginning only, over all Ingresses and namespaces.
var Rewrite = annotations.Feature{
	Name: "rewrite",
	Keys: []annotations.Key{
		{
			Name: "rewrite-target", Syntax: "path with $1 to $9, $name or variables", Scope: "location", Risk: "Medium",
			Check: chars(targetSet), Invalid: annotations.Ignore, Class: finding.Exact,
			Doc:  "The whole path becomes this text, captures of the path's pattern filled in. The query is kept.",
			Note: "the route matches the path as a regular expression and rewrites it; patterns that only PCRE knows cannot be translated",
		},
		{
			Name: "use-regex", Syntax: "true | false", Default: "false", Scope: "host", Risk: "Low", Check: boolean, Class: finding.Exact,
			Doc:  "Makes all paths of the host regular expressions, those of other Ingresses included.",
			Note: "all routes of the host match by regular expression, in the controller's order; patterns that only PCRE knows cannot be translated",
		},
		{
			Name: "x-forwarded-prefix", Syntax: "path with $1 to $9", Scope: "location", Risk: "Medium",
			Check: unspaced(chars(targetSet)), Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "X-Forwarded-Prefix for the backend, only together with a rewrite-target that differs from the path.",
			Note: "the backend gets the header",
		},
	},
	Route: rewrite,
}

// rewrite fills Rule.Rewrite, and the header that tells the backend what was cut off.
func rewrite(r *annotations.Route) {
	target := r.Text("rewrite-target")
	if r.SlashRedirect || catchAllOnly(r) || target == "" {
		return
	}
	if target == r.Path {
		r.Overruled("rewrite-target", "the target is the path itself")
		return
	}
	p, err := convertPath(r.Path)
	if err != nil {
		return // the pattern was reported, and the route is closed
	}
	t, err := convertTarget(target, p, ofLocation(r))
	if unserved(r) && (err != nil || !t.Absolute) {
		return // nobody sees the path
	}
	if err != nil {
		r.Say(finding.VariableManual, "rewrite-target", "rewrite-target "+annotations.Quote(target), err.Error())
		r.Model.Close(503, r.Origin("rewrite-target"))
		return
	}
	o := r.Origin("rewrite-target")
	switch {
	case t.Scheme:
		r.Say(finding.VariableManual, "rewrite-target", "rewrite-target "+annotations.Quote(target), "$scheme")
		r.Model.Close(503, o)
		return
	case t.Absolute:
		r.Model.Action = absoluteRewrite(t, p, o)
		return
	case t.Template != nil:
		r.Model.Rewrite = &model.Rewrite{Template: t.Template, Origin: o}
	case t.Substitution != "":
		r.Model.Rewrite = &model.Rewrite{Pattern: p.Rewrite, Substitution: t.Substitution, Origin: o}
	default:
		r.Model.Rewrite = &model.Rewrite{Substitution: t.Literal, Origin: o}
	}
	forwardedPrefix(r, p)
}

// absoluteRewrite is what nginx makes of a target with a scheme: a 302 that keeps the query.
func absoluteRewrite(t Target, p Pattern, o model.Origin) model.Redirect {
	a := model.Redirect{Code: 302, Scheme: t.URLScheme, Authority: t.Authority, DropQuery: t.DropQuery, Path: t.Literal, Origin: o}
	if t.Substitution != "" {
		a.PathPattern, a.Path = p.Rewrite, t.Substitution
	}
	return a
}

// forwardedPrefix sets X-Forwarded-Prefix, which only a rewritten route gets.
func forwardedPrefix(r *annotations.Route, p Pattern) {
	text := r.Text("x-forwarded-prefix")
	if text == "" {
		return
	}
	o := r.Origin("x-forwarded-prefix")
	t, err := convertTarget(text, p, ofLocation(r))
	if err != nil || t.Template != nil || t.Scheme || t.Absolute {
		r.Manual("x-forwarded-prefix", "the value holds what cannot be written here; the header is not sent")
		return
	}
	op := model.HeaderOp{Name: "x-forwarded-prefix", Origin: o}
	if t.Substitution != "" {
		op.Value = model.Value{{Var: model.VarPathCapture, Text: p.Rewrite, Sub: t.Substitution}}
	} else {
		op.Value = model.Text(t.Literal)
	}
	r.Model.RequestHeaders = append(r.Model.RequestHeaders, op)
}

package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// snippetAnswers makes rules of directives that answer.
type snippetAnswers struct {
	host     *annotations.Host
	mime     string // Content-Type of returned texts
	relative bool   // redirects to a path stay relative
	corners  *[]string
}

func (a *snippetAnswers) corner(text string) { *a.corners = append(*a.corners, text) }

// of gives the match and the action of a directive that answers requests of a match; false if it cannot be said.
func (a *snippetAnswers) of(m model.Match, s statement) (model.Match, model.Action, bool) {
	switch s := s.(type) {
	case returnStatement:
		action, ok := a.returned(s)
		return m, action, ok
	case rewriteStatement:
		if s.code == 0 {
			return m, nil, false
		}
		m, ok := narrowedPath(m, s.pattern.Match)
		return m, redirectedPath(s), ok
	case ifStatement:
		m, ok := narrowed(m, s.match)
		if !ok {
			return m, nil, false
		}
		return a.of(m, s.then)
	}
	return m, nil, false
}

// redirectedPath is a rewrite that the client is told of.
func redirectedPath(s rewriteStatement) model.Action {
	t := s.target
	to := model.Redirect{Code: s.code, Scheme: t.URLScheme, Authority: t.Authority, DropQuery: t.DropQuery, Path: t.Literal}
	if t.Substitution != "" {
		to.PathPattern, to.Path = s.pattern.Rewrite, t.Substitution
	}
	return to
}

// returned is what return answers.
func (a *snippetAnswers) returned(s returnStatement) (model.Action, bool) {
	if len(s.location) > 0 {
		return a.redirect(s), true
	}
	body, ok := s.body.Literal()
	if !ok {
		return nil, false
	}
	out := model.Respond{Status: s.code, Body: body}
	if body != "" {
		out.Headers = []model.HeaderOp{{Name: "content-type", Value: model.Text(a.mime)}}
	}
	if s.code == 444 {
		a.corner("where nginx closes the connection (444), the client gets an empty answer with that status")
	}
	return out, true
}

// redirect makes a redirect that keeps path and query where the address ends in them, else a fixed Location.
func (a *snippetAnswers) redirect(s returnStatement) model.Action {
	v := a.sendable(s.location)
	if n := len(v) - 1; n > 0 && v[n].Var == model.VarRequestURI {
		if to, ok := sameURI(v[:n]); ok {
			to.Code = s.code
			return to
		}
	}
	if s.relative && !a.relative {
		begin := model.Value{{Var: model.VarScheme}, {Text: "://"}}
		if a.host.Model.Exact() {
			begin = append(begin, model.Part{Text: a.host.Name})
		} else {
			begin = append(begin, model.Part{Var: model.VarAuthority})
		}
		v = append(begin, v...)
	}
	return model.Redirect{Code: s.code, Location: v}
}

// sameURI reads the part of an address in front of the path: scheme and host, each constant or the request's own.
func sameURI(v model.Value) (model.Redirect, bool) {
	var to model.Redirect
	text := ""
	switch {
	case v[0].Var == model.VarLiteral:
		text, v = v[0].Text, v[1:]
		scheme, rest, found := strings.Cut(text, "://")
		if !found || scheme != "http" && scheme != "https" {
			return to, false
		}
		to.Scheme, to.Authority = scheme, rest
	case v[0].Var == model.VarScheme && len(v) > 1 && v[1].Var == model.VarLiteral && strings.HasPrefix(v[1].Text, "://"):
		to.Authority, v = strings.TrimPrefix(v[1].Text, "://"), v[2:]
	default:
		return to, false
	}
	switch {
	case len(v) == 0 && to.Authority != "" && !strings.ContainsAny(to.Authority, "/?#@"):
		return to, true
	case len(v) == 1 && to.Scheme != "" && to.Authority == "" && v[0].Var == model.VarAuthority:
		return to, true
	}
	return to, false
}

// sendable writes the host with its port where nginx leaves the port out and the name is not constant.
func (a *snippetAnswers) sendable(v model.Value) model.Value {
	out := make(model.Value, len(v))
	for i, p := range v {
		if p.Var == model.VarHost {
			p = model.Part{Var: model.VarAuthority}
			a.corner("$host keeps the port that the client writes")
		}
		out[i] = p
	}
	return out
}

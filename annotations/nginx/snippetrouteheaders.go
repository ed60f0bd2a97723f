package nginx

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// header adds the header operations of a directive.
func (w *locationSnippet) header(st statement) bool {
	if rq, ok := st.(requestStatement); ok {
		return w.requestHeader(rq.op)
	}
	op, ok := responseOp(st)
	if !ok || !op.Remove && unsettable(op.Name) != "" {
		return false
	}
	if rs, ok := st.(responseStatement); ok && !rs.always {
		w.corners = append(w.corners, "add_header without always is sent with answers of every status")
	}
	as := &snippetAnswers{corners: &w.corners}
	op.Value, op.Origin = as.sendable(op.Value), w.origin
	w.headers = append(w.headers, op)
	return true
}

// responseOp is the header operation of a directive about answers.
func responseOp(st statement) (model.HeaderOp, bool) {
	switch st := st.(type) {
	case responseStatement:
		return st.op, true
	case hideStatement:
		return model.HeaderOp{Name: st.name, Remove: true}, true
	}
	return model.HeaderOp{}, false
}

// requestHeader sets a header of the request for the backend.
func (w *locationSnippet) requestHeader(op model.HeaderOp) bool {
	as := &snippetAnswers{corners: &w.corners}
	m := w.r.Model
	switch name := strings.ToLower(op.Name); {
	case name == "host":
		return w.requestHost(op)
	case unsettable(name) != "", name == "connection":
		w.corners = append(w.corners, op.Name+" belongs to the connection to the backend and stays the gateway's")
		return true
	case ownRequestHeader(name):
		w.corners = append(w.corners, "the controller sends "+op.Name+" twice, the gateway once")
	}
	op.Value, op.Origin = as.sendable(op.Value), w.origin
	m.RequestHeaders = append(m.RequestHeaders, op)
	return true
}

// requestHost replaces the Host that the backend sees. One that is the request's own changes nothing.
func (w *locationSnippet) requestHost(op model.HeaderOp) bool {
	if len(op.Value) == 1 && (op.Value[0].Var == model.VarHost || op.Value[0].Var == model.VarAuthority) {
		return true
	}
	host, ok := op.Value.Literal()
	if !ok || host == "" || strings.ContainsAny(host, " /\\\"%") {
		return false
	}
	if host == w.r.Host.Name {
		return true
	}
	w.corners = append(w.corners, "the controller sends Host twice, the gateway once")
	w.r.Model.UpstreamHost = &model.UpstreamHost{Host: host, Origin: w.origin}
	return true
}

// ownRequestHeader tells whether the controller sends a header itself: a directive of a snippet adds a second one.
func ownRequestHeader(name string) bool {
	switch name {
	case "x-request-id", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto",
		"x-forwarded-scheme", "x-scheme", "x-original-forwarded-for", "x-original-forwarded-host", "proxy":
		return true
	}
	return false
}

package nginx

import (
	"cmp"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// authService is what is known of a service that is asked about requests, as it is written.
type authService struct {
	url, method, signIn, param, redirect string
	responseHeaders                      []string
	alwaysSetCookie                      bool
	proxyHeaders                         []model.HeaderOp
	origin                               finding.Origin
	platform                             bool
	// fail closes the route because of a part of the configuration; part is its name without the word global.
	fail func(part, why string) bool
	// say reports a value that cannot be used, without closing.
	say func(part, variable string)
}

// externalAuth fills Rule.ExternalAuth.
func externalAuth(r *annotations.Route) {
	if r.SlashRedirect {
		return
	}
	a, ok := ownAuth(r)
	if !ok {
		r.Overruled("auth-url", "the path is closed because of another annotation of the check")
		return
	}
	if a == nil {
		if a, ok = globalAuth(r); !ok || a == nil {
			return
		}
	}
	if authExempt(r) {
		return
	}
	r.Model.ExternalAuth = a.resolve(r)
}

// ownAuth reads auth-url and its companions; nil without auth-url, false if the location is closed. A companion that is
// broken makes the controller drop the whole check silently: the location is closed instead.
func ownAuth(r *annotations.Route) (*authService, bool) {
	if !r.Has("auth-url") {
		return nil, true
	}
	for _, key := range []string{"auth-method", "auth-response-headers"} {
		if err := r.Broken(key); err != nil {
			r.Answers503(key, err.Error())
			return nil, false
		}
	}
	for _, key := range []string{"auth-always-set-cookie", "auth-request-redirect", "auth-cache-duration"} {
		err := r.Broken(key)
		if err != nil && r.FailClosedDead(key, "because of its value ("+err.Error()+") the controller drops auth-url silently") {
			return nil, false
		}
		if err != nil {
			return nil, true // waived: without a check of its own, as on the controller
		}
	}
	if err := absoluteURL(r.Text("auth-url")); err != nil {
		r.Answers503("auth-url", err.Error())
		return nil, false
	}
	if err := annotations.Parse(r.Ingress, "auth-cache-duration", cacheDurations); err != nil {
		r.Answers503("auth-cache-duration", err.Error())
		return nil, false
	}
	headers, ok := authProxyHeaders(r)
	if !ok {
		return nil, false
	}
	more, ok := ownAuthSnippet(r, headers)
	if !ok {
		return nil, false
	}
	headers = append(headers, more...)
	method := ""
	if r.Has("auth-method") {
		method = r.Text("auth-method")
	}
	return &authService{
		url: r.Text("auth-url"), method: method, signIn: r.Text("auth-signin"), param: r.Text("auth-signin-redirect-param"),
		redirect: r.Text("auth-request-redirect"), responseHeaders: r.List("auth-response-headers"),
		alwaysSetCookie: r.Bool("auth-always-set-cookie"), proxyHeaders: headers, origin: r.Origin("auth-url"),
		fail: func(part, why string) bool { return r.FailClosed("auth-"+part, why) },
		say: func(part, variable string) {
			r.Say(finding.VariableManual, "auth-"+part, r.Edge.Prefix+"auth-"+part, variable)
		},
	}, true
}

// globalAuth reads global-auth-url and its companions for a location without a service of its own; nil if there is none.
func globalAuth(r *annotations.Route) (*authService, bool) {
	e := r.Edge
	u, ok := e.Settings.Get("global-auth-url")
	if !ok || !r.Bool("enable-global-auth") {
		return nil, true
	}
	if err := globalURL(u); err != nil {
		closeBySetting(r, finding.ProtectionDead, "global-auth-url", "the controller ignores its value: "+err.Error())
		return nil, false
	}
	const snippet = "global-auth-snippet"
	text, _ := e.Settings.Get(snippet)
	ops, lost := authSnippet(text, nil, ofAuth(r))
	switch {
	case len(lost) > 0 && closeBySetting(r, finding.ProtectionClosed, snippet, authSnippetLost(lost)):
		return nil, false
	case len(lost) == 0 && text != "":
		e.Setting(finding.Exact, snippet, "the service gets the same headers")
	}
	for i := range ops {
		ops[i].Origin = e.Settings.Origin(snippet)
	}
	var headers []string
	for _, h := range annotations.SplitList(e.SettingText("global-auth-response-headers")) {
		if nameOfHeader(h) == nil {
			headers = append(headers, h)
		}
	}
	return &authService{
		url: u, method: e.SettingText("global-auth-method"), signIn: e.SettingText("global-auth-signin"),
		param: e.SettingText("global-auth-signin-redirect-param"), redirect: e.SettingText("global-auth-request-redirect"),
		responseHeaders: headers, alwaysSetCookie: e.SettingBool("global-auth-always-set-cookie"), proxyHeaders: ops,
		origin: e.Settings.Origin("global-auth-url"), platform: true,
		fail: func(part, why string) bool {
			return closeBySetting(r, finding.ProtectionClosed, "global-auth-"+part, why)
		},
		say: func(part, variable string) {
			e.Findings.Report(finding.VariableManual, e.Settings.Origin("global-auth-"+part), "controller setting global-auth-"+part, variable)
		},
	}, true
}

// authProxyHeaders reads the headers of auth-proxy-set-headers. If it fails, the location is closed.
func authProxyHeaders(r *annotations.Route) ([]model.HeaderOp, bool) {
	const key = "auth-proxy-set-headers"
	if !r.Has(key) {
		return nil, true
	}
	ns, name, ok := strings.Cut(r.Text(key), "/")
	switch {
	case !ok || ns == "" || name == "" || strings.Contains(name, "/"):
		r.Answers503(key, annotations.Quote(r.Text(key))+" is not of the form namespace/name")
		return nil, false
	case ns != r.Namespace && !r.Edge.SettingBool("allow-cross-namespace-resources"):
		r.Answers503(key, "ConfigMap "+ns+"/"+name+" belongs to another namespace, which allow-cross-namespace-resources does not allow")
		return nil, false
	}
	data, found := r.Edge.Lookup.ConfigMap(ns, name)
	if !found {
		r.Answers503(key, "ConfigMap "+ns+"/"+name+" does not exist")
		return nil, false
	}
	var ops []model.HeaderOp
	for _, h := range sortedKeys(data) {
		if err := nameOfHeader(h); err != nil {
			r.Answers503(key, err.Error())
			return nil, false
		}
		v, err := parseValue(data[h], ofAuth(r))
		if err != nil {
			return nil, !r.FailClosed(key, "header "+h+": "+err.Error())
		}
		ops = append(ops, model.HeaderOp{Name: strings.ToLower(h), Value: v, Origin: r.Origin(key)})
	}
	return ops, true
}

// resolve turns what is written into the model; nil if the route is closed instead, or the loss was waived.
func (a *authService) resolve(r *annotations.Route) *model.ExternalAuth {
	x := &model.ExternalAuth{
		Method: a.method, Headers: a.proxyHeaders, AlwaysSetCookie: a.alwaysSetCookie, ExtraHeaders: a.method != "",
		Origin: a.origin, Platform: a.platform,
	}
	for _, h := range a.responseHeaders {
		if ownHeader(h) {
			a.fail("response-headers", "the header "+h+" belongs to the connection or to the proxy")
			return nil
		}
		x.ResponseHeaders = append(x.ResponseHeaders, h)
	}
	if err := a.target(r, x); err != nil {
		a.fail("url", err.Error())
		return nil
	}
	if !strings.Contains(x.Host, ".") {
		r.Edge.Findings.Report(finding.RouteClosed, a.origin, "the service's name "+x.Host+" is not a full one, so that the controller never finds it", "500")
		r.Model.Close(500, a.origin)
		return nil
	}
	if a.redirect != "" {
		v, err := parseValue(a.redirect, ofAuth(r))
		if err != nil {
			a.say("request-redirect", err.Error())
		} else {
			x.RedirectValue = &v
		}
	}
	if a.signIn != "" {
		a.signInPage(r, x)
	}
	return x
}

// ownHeader tells whether a header cannot be set for the backend by what a service answers.
func ownHeader(name string) bool {
	switch strings.ToLower(name) {
	case "host", "connection", "upgrade", "te", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "expect":
		return true
	}
	return strings.HasPrefix(strings.ToLower(name), "x-i2g-")
}

// signInPage fills ExternalAuth.SignIn. The original URL is added unless the page's own query has the parameter already.
func (a *authService) signInPage(r *annotations.Route, x *model.ExternalAuth) {
	v, err := parseValue(a.signIn, ofAuth(r))
	if err != nil {
		a.say("signin", err.Error())
		return
	}
	if strings.HasPrefix(a.signIn, "/") { // nginx makes it absolute
		v = append(hostAddress(r), v...)
	}
	param := cmp.Or(a.param, "rd")
	x.SignIn = &model.SignIn{URL: v, Param: param}
	if queryHas(a.signIn, param) {
		x.SignIn.Param = ""
	}
}

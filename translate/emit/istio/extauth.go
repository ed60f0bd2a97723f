package istio

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	hmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

const (
	filterExternal        = "i2g.ext"
	filterCookie          = "i2g.ext-cookie"
	filterResponseHeaders = "i2g.ext-headers"
	// metadataExternal is where the filter keeps headers of the service's answer, whatever the filter is called.
	metadataExternal = "envoy.filters.http.ext_authz"
)

// unasked are headers of the connection, which would make the request to the service an upgrade or leave it without an end;
// what the gateway says of the client's scheme and certificate, which the source does not send; and the guard's token.
var unasked = [...]string{
	"connection", "upgrade", "transfer-encoding", "te", "expect", "keep-alive", "proxy-connection", "http2-settings",
	"sec-websocket-key", "sec-websocket-version", "x-forwarded-proto", "x-forwarded-client-cert", headerChain,
}

// cookieStatuses are those whose answers carry the service's cookies unless it asks for all.
const cookieStatuses = "200,201,204,206,301,302,303,304,307,308"

// externalLimit says why an external authentication cannot be expressed; "" if it can.
func (e *emitter) externalLimit(h *model.Host, a *model.ExternalAuth) string {
	if e.asked.of != a { // it is asked for a few times in a row
		e.asked.of, e.asked.why = a, e.findExternalLimit(h, a)
	}
	return e.asked.why
}

func (e *emitter) findExternalLimit(h *model.Host, a *model.ExternalAuth) string {
	if why := e.needs(30); why != "" {
		return why
	}
	if a.Method == "CONNECT" {
		return "a CONNECT request cannot be sent to the service"
	}
	key := string(appendSetting(appendSetting(nil, reflect.ValueOf(a)), reflect.ValueOf(h.ClientCerts)))
	why, known := e.asked.known[key]
	if !known {
		why = e.limitOfService(h, a)
		if e.asked.known == nil {
			e.asked.known = map[string]string{}
		}
		e.asked.known[key] = why
	}
	return why
}

// mostServices is how many services may be asked by a filter of their own: each takes 2 KB in the chain of every host with TLS.
const mostServices = 1000

// limitOfService says why a service cannot be asked that was not met before.
func (e *emitter) limitOfService(h *model.Host, a *model.ExternalAuth) string {
	headers, err := e.askedHeaders(h, a)
	switch {
	case err != nil:
		return err.Error()
	case e.can(31) && sharesFilter(headers, withheld(h, a)):
		return ""
	case e.asked.own < mostServices:
		e.asked.own++
		return ""
	}
	why := "the service needs a filter of its own, and there are " + itoa(mostServices) + " already"
	if !e.can(31) {
		why += "; with Istio 1.31 services share one"
	}
	return why
}

// externalLimits remembers why services cannot be asked.
type externalLimits struct {
	of    *model.ExternalAuth
	why   string            // of that one
	known map[string]string // by setting
	own   int               // of them have a filter of their own
}

// attachExternal asks a service about the requests of an entry, except from the addresses that skip lets pass. What the routes
// add to it depends on the way of asking alone, so that they can share a name.
func (e *emitter) attachExternal(h *model.Host, x *entry, a *model.ExternalAuth, skip *model.Access) {
	config := e.extAuthz(h, a)
	key := hashOf(config)
	switch {
	case skip != nil:
		e.attachChoice(x, skip, "external", config)
	case e.can(31) && sharesFilter(config.GetHttpService().AuthorizationRequest.HeadersToAdd, withheld(h, a)):
		e.attachService(x, config)
		x.patch.label("ext-" + key)
	default:
		name := filterExternal + "." + key
		e.switchOn(x, name, config, &extv3.CheckSettings{})
		x.patch.label("ext-" + key)
	}
	e.access.checked = true
	x.patch.metadata(metadataChecked, "yes")
	if a.SignIn != nil {
		e.attachSignIn(x, a.SignIn)
	}
	if !a.AlwaysSetCookie {
		e.attachCookies(x)
	}
	if len(a.ResponseHeaders) > 0 {
		e.attachResponseHeaders(x, a.ResponseHeaders)
	}
}

// sharesFilter tells whether a route can bring its service along to the filter that all share. Headers that are withheld from
// the service are a matter of the filter, and a proxy that makes expressions (CEL) of a route's headers ends at the first
// request (measured on Envoy 1.40): both need a filter of their own.
func sharesFilter(headers []*corev3.HeaderValue, withheld []string) bool {
	for _, h := range headers {
		if strings.Contains(h.Value, "%CEL(") {
			return false
		}
	}
	return len(withheld) == len(unasked)
}

// withheld are the client's headers that a service does not see.
func withheld(h *model.Host, a *model.ExternalAuth) []string {
	out := unasked[:]
	for _, x := range certificateHeaders(h) { // where ours has no value, the client's own must not stand in
		out = append(out, x.Key)
	}
	for _, op := range a.Headers {
		out = append(out, op.Name)
	}
	return out
}

// attachService has one filter ask whatever service the route names. A filter of its own for each way of asking would stand in
// the chain of every host with TLS: a hundred of both are too much for istiod and proxy. Proxies before Istio 1.31 may end
// when a client goes away while such a route's service is asked (CVE-2026-47205).
func (e *emitter) attachService(x *entry, config *extv3.ExtAuthz) {
	route := &extv3.CheckSettings{ServiceOverride: &extv3.CheckSettings_HttpService{HttpService: config.GetHttpService()}}
	// A route that names no service is refused: nobody answers for the filter itself.
	config.Services = &extv3.ExtAuthz_HttpService{HttpService: &extv3.HttpService{ServerUri: &corev3.HttpUri{
		Uri:              "http://no-service.invalid",
		HttpUpstreamType: &corev3.HttpUri_Cluster{Cluster: "i2g-no-service"},
		Timeout:          durationpb.New(time.Second),
	}}}
	e.switchOn(x, filterExternal, config, route)
}

// switchOn uses a filter that asks, and guards the entry until it is there.
func (e *emitter) switchOn(x *entry, name string, config *extv3.ExtAuthz, route *extv3.CheckSettings) {
	e.filters.use(httpFilter{name: name, object: objAccess, order: orderExternal, config: config})
	x.patch.filter(name, &extv3.ExtAuthzPerRoute{Override: &extv3.ExtAuthzPerRoute_CheckSettings{CheckSettings: route}})
	x.patch.need(name)
}

// attachCookies adds the service's cookies to the answers on which the source adds them. Of several cookies of one answer the
// last one gets there; the source joins them into one header, of which browsers take the first.
func (e *emitter) attachCookies(x *entry) {
	e.filters.use(httpFilter{name: filterCookie, object: objAccess, order: orderCookie, config: &hmv3.HeaderMutation{}})
	value := "%CEL(response.code in [" + cookieStatuses + "] ? metadata.filter_metadata['" + metadataExternal + "']['set-cookie'] : '')%"
	x.patch.filter(filterCookie, &hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{ResponseMutations: []*mutationv3.HeaderMutation{{
		Action: &mutationv3.HeaderMutation_Append{Append: &corev3.HeaderValueOption{
			Header:       &corev3.HeaderValue{Key: "set-cookie", Value: value},
			AppendAction: corev3.HeaderValueOption_APPEND_IF_EXISTS_OR_ADD,
		}},
	}}}})
}

// attachResponseHeaders gives the backend headers of the service's answer in place of the client's, which go in any case.
// That is done behind the check, because the service must see what the client sent.
func (e *emitter) attachResponseHeaders(x *entry, names []string) {
	e.filters.use(httpFilter{name: filterResponseHeaders, object: objAccess, order: orderResponseHeaders, config: &hmv3.HeaderMutation{}})
	var ms []*mutationv3.HeaderMutation
	for _, n := range names {
		n = strings.ToLower(n)
		ms = append(ms, remove(n), set(n, "%DYNAMIC_METADATA("+metadataExternal+":"+n+")%"))
	}
	x.patch.filter(filterResponseHeaders, &hmv3.HeaderMutationPerRoute{Mutations: &hmv3.Mutations{RequestMutations: ms}})
	x.patch.need(filterResponseHeaders)
}

// extAuthz is the filter that asks a service. What it asks is the service's own path with all headers of the client and no
// body.
func (e *emitter) extAuthz(h *model.Host, a *model.ExternalAuth) *extv3.ExtAuthz {
	headers, err := e.askedHeaders(h, a)
	if err != nil {
		panic("istio: " + err.Error()) // found before, by externalLimit
	}
	answer := &extv3.AuthorizationResponse{AllowedClientHeaders: headerNames("www-authenticate")}
	kept := a.ResponseHeaders
	if a.AlwaysSetCookie {
		answer.AllowedClientHeaders = headerNames("www-authenticate", "set-cookie")
		answer.AllowedClientHeadersOnSuccess = headerNames("set-cookie")
	} else {
		kept = append([]string{"set-cookie"}, kept...)
	}
	if len(kept) > 0 {
		answer.DynamicMetadataFromHeaders = headerNames(kept...)
	}
	return &extv3.ExtAuthz{
		StatusOnError: &typev3.HttpStatus{Code: typev3.StatusCode_InternalServerError},
		AllowedHeaders: &matcherv3.ListStringMatcher{Patterns: []*matcherv3.StringMatcher{{
			MatchPattern: &matcherv3.StringMatcher_SafeRegex{SafeRegex: &matcherv3.RegexMatcher{Regex: ".*"}},
		}}},
		DisallowedHeaders: headerNames(withheld(h, a)...),
		Services: &extv3.ExtAuthz_HttpService{HttpService: &extv3.HttpService{
			ServerUri: &corev3.HttpUri{
				Uri:              a.Scheme + "://" + a.Host,
				HttpUpstreamType: &corev3.HttpUri_Cluster{Cluster: e.authCluster(a)},
				Timeout:          durationpb.New(60 * time.Second),
			},
			PathOverride:          a.Path,
			AuthorizationRequest:  &extv3.AuthorizationRequest{HeadersToAdd: headers},
			AuthorizationResponse: answer,
		}},
	}
}

// headerNames matches header names without case.
func headerNames(names ...string) *matcherv3.ListStringMatcher {
	l := &matcherv3.ListStringMatcher{}
	for _, n := range names {
		l.Patterns = append(l.Patterns, &matcherv3.StringMatcher{MatchPattern: &matcherv3.StringMatcher_Exact{Exact: n}, IgnoreCase: true})
	}
	return l
}

// askedHeaders are the headers that the service gets beside the client's.
func (e *emitter) askedHeaders(h *model.Host, a *model.ExternalAuth) ([]*corev3.HeaderValue, error) {
	url := model.Value{{Var: model.VarScheme}, {Text: "://"}, {Var: model.VarAuthority}, {Var: model.VarRequestURI}}
	ops := []model.HeaderOp{
		{Name: "x-original-url", Value: url},
		{Name: "x-original-method", Value: model.Value{{Var: model.VarMethod}}},
		{Name: "x-sent-from", Value: model.Text("nginx-ingress-controller")},
		{Name: "x-real-ip", Value: model.Value{{Var: model.VarRemoteAddress}}},
	}
	if f := e.edge.Global.Forwarded; !f.Append {
		ops = append(ops, model.HeaderOp{Name: "x-forwarded-for", Value: model.Value{{Var: model.VarRemoteAddress}}})
	}
	redirect := model.Value{{Var: model.VarRequestURI}}
	if a.RedirectValue != nil {
		redirect = *a.RedirectValue
	}
	ops = append(ops, model.HeaderOp{Name: "x-auth-request-redirect", Value: redirect})
	if a.ExtraHeaders {
		ops = append(ops,
			model.HeaderOp{Name: "x-original-uri", Value: model.Value{{Var: model.VarRequestURI}}},
			model.HeaderOp{Name: "x-scheme", Value: model.Value{{Var: model.VarScheme}}})
	}
	ops = append(ops, a.Headers...)
	out := certificateHeaders(h)
	for _, op := range ops {
		v, err := format(op.Value, inEnvoyFilter)
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", op.Name, err)
		}
		out = append(out, &corev3.HeaderValue{Key: op.Name, Value: v})
	}
	return out, nil
}

// certificateHeaders tell the service about the client's certificate, in place of what the client itself may claim.
func certificateHeaders(h *model.Host) []*corev3.HeaderValue {
	c := h.ClientCerts
	if c == nil {
		return nil
	}
	verdict := "SUCCESS"
	if c.Mode == model.CertUnverified {
		verdict = "FAILED:unverified"
	}
	out := []*corev3.HeaderValue{
		{Key: "ssl-client-verify", Value: "%CEL(connection.mtls ? '" + verdict + "' : 'NONE')%"},
		{Key: "ssl-client-subject-dn", Value: "%DOWNSTREAM_PEER_SUBJECT%"},
		{Key: "ssl-client-issuer-dn", Value: "%DOWNSTREAM_PEER_ISSUER%"},
	}
	if c.PassToUp {
		out = append(out, &corev3.HeaderValue{Key: "ssl-client-cert", Value: "%DOWNSTREAM_PEER_CERT%"})
	}
	return out
}

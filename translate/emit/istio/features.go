package istio

import "github.com/ingress2gw/ingress2gw/translate/model"

// ruleFeature expresses one capability of a rule. apply changes or splits the rule's entries, which come in match order.
type ruleFeature struct {
	name string
	// handles names the fields of model.Rule that the feature expresses or reports.
	handles []string
	apply   func(e *emitter, h *model.Host, r *model.Rule, xs []*entry) []*entry
}

// ruleFeatures lists the capabilities in the order in which they shape the entries: first what is done with a request,
// then what splits it, then what protects it, last what answers before everything else.
func ruleFeatures() []ruleFeature {
	return []ruleFeature{
		{"unprotected", nil, closeUnprotected},
		{"closed", []string{"Closed"}, closed},
		{"fallback", []string{"Fallback"}, fallback},
		{"canary", []string{"Canary"}, canary},
		{"backend-protocol", nil, backendProtocol},
		{"rewrite", []string{"Rewrite", "UpstreamHost"}, rewrite},
		{"request-headers", []string{"RequestHeaders"}, requestHeadersOf},
		{"forwarded-host", nil, forwardedHost},
		{"location-rewrite", []string{"LocationRewrite"}, locationRewrite},
		{"cookie-rewrite", []string{"CookieRewrite"}, cookieRewrite},
		{"error-pages", []string{"ErrorPages"}, errorPages},
		{"body", []string{"Body"}, body},
		{"balance", []string{"Balance"}, balance},
		{"affinity", []string{"Affinity"}, affinity},
		{"connect-timeout", nil, connectTimeout},
		{"connection-limit", []string{"ConnectionLimit"}, connectionLimit},
		{"retries", []string{"Retries", "Timeouts"}, retries},
		{"mirror", []string{"Mirror"}, mirror},
		{"backend-parameters", nil, backendParameters},
		{"clusters", nil, clusters},
		{"access", []string{"Access", "BasicAuth", "ExternalAuth", "SatisfyAny"}, access},
		{"rate-limit", []string{"RateLimit"}, rateLimit},
		{"bandwidth", []string{"Bandwidth"}, bandwidth},
		{"tracing", []string{"Tracing"}, tracing},
		{"client-cert-headers", nil, clientCertHeaders},
		{"https-redirect", []string{"HTTPSRedirect"}, httpsRedirect},
		{"response-headers", []string{"ResponseHeaders"}, responseHeadersOf},
		{"cors", []string{"CORS"}, cors},
		{"answer-headers", nil, answerHeaders},
		{"without-envoyfilter", nil, withoutFilters},
		{"access-log", []string{"AccessLog"}, accessLog},
	}
}

// edgeFeature expresses what holds for the whole edge.
type edgeFeature struct {
	name    string
	handles []string // fields of model.Global
	apply   func(e *emitter)
}

// edgeFeatures lists what is emitted once. Mappers of statuses are tried in this order: those of single features first.
func edgeFeatures() []edgeFeature {
	return []edgeFeature{
		{"platform-duties", nil, platformDuties},
		{"edge-wide", nil, reportEdgeWide},
		{"forwarded-headers", []string{"Forwarded", "OriginalURI", "DropInvalidHeaders", "ProxyProtocol"}, forwardedHeaders},
		{"connection-manager", []string{"NoRequestID", "DropUnderscores", "HTTP10", "MaxHeaderKB", "HeaderTimeout", "IdleTimeout", "MaxRequests", "MaxStreams"}, connectionManager},
		{"requests", nil, requests},
		{"global-headers", []string{"AddHeaders", "HideHeaders", "RequestHeaders", "KeepServer"}, globalHeaders},
		{"hsts", []string{"HSTS"}, hsts},
		{"compression", []string{"Compression", "Brotli"}, compression},
		{"block-lists", []string{"BlockAgents", "BlockReferers", "BlockCIDRs", "BlockTrusted", "BlockOrigins"}, blockLists},
		{"access", nil, announceFilters},
		{"authorizer", nil, usersForAuthorizer},
		{"rate-limit", nil, rateLimitFilter},
		{"telemetry", []string{"NoAccessLog", "LogSkip", "Sampling"}, gatewayTelemetry},
		{"streams", nil, streams},
		{"access-replies", nil, authReplies},
		{"access-hosts", nil, publishAuthHosts},
		{"gateway-statuses", []string{"GatewayStatuses"}, gatewayStatuses},
	}
}

package nginx

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/resolve"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// rulesOf reads one Ingress of the host a.test with one path, and gives its rules and the codes of the findings.
func rulesOf(t *testing.T, config map[string]string, values map[string]string) ([]*model.Rule, map[finding.Code]bool) {
	t.Helper()
	all := map[string]string{}
	for k, v := range values {
		all[DefaultPrefix+k] = v
	}
	in := &snapshot.Ingress{Object: &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "a"}}
	in.ObjectMeta = metav1.ObjectMeta{Namespace: "shop", Name: "a", Annotations: all}
	in.Spec.Rules = []netv1.IngressRule{{Host: "a.test", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{
		Paths: []netv1.HTTPIngressPath{{Path: "/app", Backend: netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: "app", Port: netv1.ServiceBackendPort{Number: 80}}}}},
	}}}}
	s := snapshot.New()
	s.Services[snapshot.Key{Namespace: "shop", Name: "app"}] = &snapshot.Service{Ports: []snapshot.ServicePort{{Number: 80}}}
	s.Services[snapshot.Key{Namespace: "sec", Name: "authz"}] = &snapshot.Service{Ports: []snapshot.ServicePort{{Number: 80, TargetPort: "8080"}}}
	s.ConfigMaps[snapshot.Key{Namespace: "shop", Name: "headers"}] = &snapshot.ConfigMap{Data: map[string]string{"X-Host": "$host", "X-A": "b"}}
	fs := &finding.List{}
	out := Read(Input{
		Ingresses: []*snapshot.Ingress{in}, Findings: fs, Lookup: resolve.Lookup{Snapshot: s},
		Settings: &annotations.Settings{Object: &finding.Object{Kind: "ConfigMap", Name: "c"}, Values: config},
	})
	codes := map[finding.Code]bool{}
	for _, f := range fs.Sorted() {
		codes[f.Code] = true
	}
	for _, h := range out.Edge.Hosts {
		if h.Name == "a.test" {
			return h.Rules, codes
		}
	}
	return nil, codes
}

func TestAddressesOfAuthenticationServices(t *testing.T) {
	type address struct {
		Scheme, Host string
		Port         int
		Path         string
		Service      string
		Status       int // of the closed route
	}
	for name, c := range map[string]struct {
		url  string
		want address
	}{
		"a Service of the cluster":                      {"http://authz.sec.svc.cluster.local/v?a=b", address{"http", "authz.sec.svc.cluster.local", 80, "/v?a=b", "sec/authz", 0}},
		"a target port means its Service port":          {"http://authz.sec.svc.cluster.local:8080/v", address{"http", "authz.sec.svc.cluster.local", 8080, "/v", "sec/authz", 0}},
		"a host outside the cluster":                    {"https://Login.Example/v", address{"https", "login.example", 443, "/v", "", 0}},
		"the host's own name stands for $host":          {"https://$host/oauth2/auth", address{"https", "a.test", 443, "/oauth2/auth", "", 0}},
		"without a path the hidden location's own goes": {"http://login.example", address{"http", "login.example", 80, "/_external-auth-L2FwcC8-Prefix", "", 0}},
		"without a path a query is kept":                {"http://login.example?a=b", address{"http", "login.example", 80, "/?a=b", "", 0}},
		"a URL without a scheme closes with 503":        {"login.example/v", address{Status: 503}},
		"a URL that depends on the client closes":       {"http://$arg_x/v", address{Status: 403}},
		"a path that depends on the client closes":      {"http://login.example/$request_uri", address{Status: 403}},
		"another scheme closes":                         {"ftp://login.example/", address{Status: 403}},
		"an impossible port closes":                     {"http://login.example:99999/", address{Status: 403}},
		"an address of the controller itself closes":    {"http://127.0.0.1:9000/", address{Status: 403}},
		"a name that is not full is never found":        {"http://authz/v", address{Status: 500}},
		"an impossible host closes":                     {"http://_.example-/", address{Status: 403}},
	} {
		t.Run(name, func(t *testing.T) {
			rules, _ := rulesOf(t, nil, map[string]string{"auth-url": c.url})
			var got address
			r := rules[0]
			if r.Closed != nil {
				got.Status = r.Closed.Status
			}
			if x := r.ExternalAuth; x != nil {
				got.Scheme, got.Host, got.Port, got.Path = x.Scheme, x.Host, x.Port, x.Path
				if x.Backend != nil {
					got.Service = x.Backend.Namespace + "/" + x.Backend.Service
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("address (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever the controller does with a broken companion, the route must not end up open.
func TestBrokenCompanionsNeverOpen(t *testing.T) {
	for key, value := range map[string]string{
		"auth-method": "ASK", "auth-response-headers": "X User", "auth-always-set-cookie": "maybe", "auth-request-redirect": "a;b",
		"auth-cache-duration": "200 forever", "auth-proxy-set-headers": "headers",
	} {
		for _, exempt := range []string{"", "/elsewhere"} {
			rules, _ := rulesOf(t, map[string]string{"no-auth-locations": exempt},
				map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/v", key: value})
			for _, r := range rules {
				if r.Closed == nil {
					t.Errorf("%s: %s leaves %v open", key, value, r.Match.Path)
				}
			}
		}
	}
}

func TestExternalAuthenticationOfLocations(t *testing.T) {
	global := map[string]string{"global-auth-url": "http://authz.sec.svc.cluster.local/g", "global-auth-method": "HEAD"}
	for name, c := range map[string]struct {
		config, values map[string]string
		path           string // of the service that is asked; "" for none
		code           finding.Code
	}{
		"the global service is asked":                {global, nil, "/g", ""},
		"an own service replaces it":                 {global, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own"}, "/own", ""},
		"the Ingress can opt out":                    {global, map[string]string{"enable-global-auth": "false"}, "", ""},
		"exempt locations are not asked about":       {map[string]string{"no-auth-locations": "/x, /app"}, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own"}, "", ""},
		"a broken global URL closes":                 {map[string]string{"global-auth-url": "authz"}, nil, "", finding.ProtectionDead},
		"a global snippet closes":                    {map[string]string{"global-auth-url": "http://authz.sec.svc.cluster.local/g", "global-auth-snippet": "x"}, nil, "", finding.ProtectionClosed},
		"a Service that lacks the port is said":      {nil, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local:81/own"}, "/own", finding.RouteClosed},
		"a Service that is not there is said":        {nil, map[string]string{"auth-url": "http://nobody.sec.svc.cluster.local/own"}, "/own", finding.ServiceMissing},
		"a page with unknown variables is said":      {nil, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own", "auth-signin": "https://x.test/$geoip"}, "/own", finding.VariableManual},
		"headers of the connection close":            {nil, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own", "auth-response-headers": "X-User, Connection"}, "", finding.ProtectionClosed},
		"both kinds as alternatives of a list close": {nil, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own", "satisfy": "any", "auth-type": "basic", "auth-secret": "none"}, "/own", finding.ProtectionClosed},
	} {
		t.Run(name, func(t *testing.T) {
			rules, codes := rulesOf(t, c.config, c.values)
			got := ""
			if x := rules[0].ExternalAuth; x != nil {
				got = x.Path
			}
			if got != c.path {
				t.Errorf("asked %q, want %q", got, c.path)
			}
			if c.code != "" && !codes[c.code] {
				t.Errorf("no finding %s among %v", c.code, codes)
			}
			if c.code == finding.ProtectionDead || c.code == finding.ProtectionClosed {
				if rules[0].Closed == nil {
					t.Error("the route is open")
				}
			}
		})
	}
}

func TestSnippetsForTheService(t *testing.T) {
	allowed := map[string]string{"annotations-risk-level": "Critical", "allow-snippet-annotations": "true"}
	for name, c := range map[string]struct {
		config  map[string]string
		snippet string
		want    []string
		closed  bool
	}{
		"headers that are set reach the service":            {allowed, "proxy_set_header X-Tenant blue;\nproxy_set_header X-For \"$host\";", []string{"x-tenant: blue", "x-for: a.test"}, false},
		"headers of the answer reach nobody":                {allowed, "add_header X-Seen yes;", nil, false},
		"what the controller sends itself closes":           {allowed, "proxy_set_header Host other.test;", nil, true},
		"a header that is set twice closes":                 {allowed, "proxy_set_header X-A 1; proxy_set_header X-A 2;", nil, true},
		"a header that is taken away closes":                {allowed, "proxy_set_header Cookie \"\";", nil, true},
		"any other directive closes":                        {allowed, "proxy_set_header X-A 1; deny all;", nil, true},
		"what cannot be read closes":                        {allowed, "proxy_set_header X-A 1", nil, true},
		"without snippets it does not count":                {map[string]string{"annotations-risk-level": "Critical"}, "deny all;", nil, false},
		"a header of auth-proxy-set-headers closes as well": {allowed, "proxy_set_header x-a 1;", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			values := map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own", "auth-snippet": c.snippet}
			if strings.HasPrefix(name, "a header of auth-proxy") {
				values["auth-proxy-set-headers"] = "shop/headers"
			}
			rules, _ := rulesOf(t, c.config, values)
			if got := rules[0].Closed != nil; got != c.closed {
				t.Errorf("closed %v, want %v", got, c.closed)
			}
			var got []string
			if x := rules[0].ExternalAuth; x != nil {
				for _, op := range x.Headers {
					text, _ := op.Value.Literal()
					got = append(got, op.Name+": "+text)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("headers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeadersForTheService(t *testing.T) {
	rules, _ := rulesOf(t, nil, map[string]string{"auth-url": "http://authz.sec.svc.cluster.local/own", "auth-proxy-set-headers": "shop/headers", "auth-method": "POST"})
	var got []string
	for _, op := range rules[0].ExternalAuth.Headers {
		text, _ := op.Value.Literal()
		got = append(got, op.Name+": "+text)
	}
	if diff := cmp.Diff([]string{"x-a: b", "x-host: a.test"}, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if !rules[0].ExternalAuth.ExtraHeaders {
		t.Error("a method of its own brings further headers")
	}
}

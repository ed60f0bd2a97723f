package nginx

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// readOne reads the annotations of one Ingress, given without their prefix, and tells what is said about them.
func readOne(settings, values map[string]string) (in *annotations.Ingress, served bool, codes map[string]finding.Code) {
	e := annotations.NewEdge(Features(), DefaultPrefix)
	e.Settings, e.Findings = &annotations.Settings{Values: settings}, &finding.List{}
	src := &snapshot.Ingress{Ingress: netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Annotations: map[string]string{}}}}
	src.Object = &finding.Object{Kind: "Ingress", Namespace: "shop", Name: "web"}
	for k, v := range values {
		src.Annotations[DefaultPrefix+k] = v
	}
	in, served = e.NewIngress(src)
	in.Flush()
	codes = map[string]finding.Code{}
	for _, f := range e.Findings.Sorted() {
		if k := strings.TrimPrefix(f.Origin.Field, DefaultPrefix); codes[k] != finding.IngressDropped {
			codes[k] = f.Code
		}
	}
	return in, served, codes
}

func TestWhatThePlatformTolerates(t *testing.T) {
	type outcome struct {
		Served bool
		Codes  map[string]finding.Code
	}
	for name, c := range map[string]struct {
		settings, values map[string]string
		want             outcome
	}{
		"an Ingress without annotations is served": {nil, nil, outcome{true, map[string]finding.Code{}}},
		"a snippet is above the default level": {nil, map[string]string{"configuration-snippet": "x;"},
			outcome{false, map[string]finding.Code{"configuration-snippet": finding.IngressDropped}}},
		"the level can be raised": {map[string]string{"annotations-risk-level": "Critical"}, map[string]string{"configuration-snippet": "x;"},
			outcome{true, map[string]finding.Code{"configuration-snippet": finding.KeyRefused}}},
		"the level can be lowered": {map[string]string{"annotations-risk-level": "Medium"}, map[string]string{"server-alias": "a.test"},
			outcome{false, map[string]finding.Code{"server-alias": finding.IngressDropped}}},
		"an unknown level means Low": {map[string]string{"annotations-risk-level": "none"}, map[string]string{"app-root": "/x"},
			outcome{false, map[string]finding.Code{"app-root": finding.IngressDropped}}},
		"a level in another case counts": {map[string]string{"annotations-risk-level": "critical"}, map[string]string{"server-snippet": "x;"},
			outcome{true, map[string]finding.Code{"server-snippet": finding.KeyRefused}}},
		"dead and unknown keys have no risk": {map[string]string{"annotations-risk-level": "Low"}, map[string]string{"lua-resty-waf": "active", "nonsense": "x"},
			outcome{true, map[string]finding.Code{"lua-resty-waf": finding.KeyHistorical, "nonsense": finding.KeyUnknown}}},
		"a forbidden word drops the Ingress": {map[string]string{"annotation-value-word-blocklist": "load_module,lua_package"}, map[string]string{"nonsense": "x load_module y"},
			outcome{false, map[string]finding.Code{"nonsense": finding.IngressDropped}}},
		"a wrong code of a redirect drops the Ingress, a blank too": {nil, map[string]string{"permanent-redirect": "https://a.test", "permanent-redirect-code": " 308"},
			outcome{false, map[string]finding.Code{"permanent-redirect": finding.KeyExact, "permanent-redirect-code": finding.ValueDropsAll}}},
		"other words do not": {map[string]string{"annotation-value-word-blocklist": "load_module"}, map[string]string{"app-root": "/x"},
			outcome{true, map[string]finding.Code{"app-root": finding.KeyExact}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, served, codes := readOne(c.settings, c.values)
			if diff := cmp.Diff(c.want, outcome{served, codes}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestKeysWithoutTheirGroup(t *testing.T) {
	for name, c := range map[string]struct {
		values map[string]string
		want   map[string]finding.Code
	}{
		"a companion alone has no effect, whatever its value": {map[string]string{"auth-realm": `"x"`, "auth-tls-match-cn": "x", "auth-method": "get"},
			map[string]finding.Code{"auth-realm": finding.KeyWithoutGroup, "auth-tls-match-cn": finding.KeyWithoutGroup, "auth-method": finding.KeyWithoutGroup}},
		"a switch that says no is no group": {map[string]string{"enable-cors": "false", "cors-max-age": "x"},
			map[string]finding.Code{"enable-cors": finding.KeyExact, "cors-max-age": finding.KeyWithoutGroup}},
		"a switch that says yes is": {map[string]string{"enable-cors": "1", "cors-max-age": "5"},
			map[string]finding.Code{"enable-cors": finding.KeyExact, "cors-max-age": finding.KeyExact}},
		"a bad value counts only with the group": {map[string]string{"auth-type": "basic", "auth-realm": `"x"`},
			map[string]finding.Code{"auth-type": finding.KeyExact, "auth-realm": finding.ValueDropsAll}},
		"an old name beside the new one is not read": {map[string]string{"limit-allowlist": "10.0.0.0/8", "limit-whitelist": "x"},
			map[string]finding.Code{"limit-allowlist": finding.KeyExact, "limit-whitelist": finding.KeyOverruled}},
		"an old name alone is": {map[string]string{"limit-whitelist": "x"}, map[string]finding.Code{"limit-whitelist": finding.ValueDropsAll}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, codes := readOne(nil, c.values)
			if diff := cmp.Diff(c.want, codes); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestValuesThatHold(t *testing.T) {
	for name, c := range map[string]struct {
		settings, values map[string]string
		key, want        string
	}{
		"the controller's own":                     {nil, nil, "proxy-body-size", "1m"},
		"the setting's":                            {map[string]string{"proxy-body-size": "5m"}, nil, "proxy-body-size", "5m"},
		"the annotation's":                         {map[string]string{"proxy-body-size": "5m"}, map[string]string{"proxy-body-size": "8m"}, "proxy-body-size", "8m"},
		"the setting's for a bad value":            {map[string]string{"proxy-body-size": "5m"}, map[string]string{"proxy-body-size": "8mb"}, "proxy-body-size", "5m"},
		"the old name's":                           {nil, map[string]string{"whitelist-source-range": "10.0.0.0/8"}, "allowlist-source-range", "10.0.0.0/8"},
		"the new name's":                           {nil, map[string]string{"whitelist-source-range": "10.0.0.0/8", "allowlist-source-range": "::1"}, "allowlist-source-range", "::1"},
		"the default's for a number with a blank":  {nil, map[string]string{"proxy-read-timeout": "5 "}, "proxy-read-timeout", "60"},
		"no yes with a blank":                      {nil, map[string]string{"ssl-redirect": "false "}, "ssl-redirect", "true"},
		"nothing of global-auth-* beside auth-url": {map[string]string{"global-auth-method": "POST"}, map[string]string{"auth-url": "http://a.test"}, "auth-method", "GET"},
	} {
		t.Run(name, func(t *testing.T) {
			in, _, _ := readOne(c.settings, c.values)
			if got := in.Text(c.key); got != c.want {
				t.Errorf("%s is %q, want %q", c.key, got, c.want)
			}
		})
	}
}
